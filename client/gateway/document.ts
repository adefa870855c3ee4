import { STATUS_CODES } from 'node:http';
import { catalogue, extrasOf } from './problems.ts';
import type { ProblemCode } from './problems.ts';

/** The document of errors, `docs/errors.md`. */
export function errorsDocument(): string {
  const rows = (Object.keys(catalogue) as ProblemCode[]).map((code) => {
    const { status, meaning } = catalogue[code];
    const more = extrasOf(code).map((name) => `\`${name}\``);
    return `| \`${code}\` | ${status} ${STATUS_CODES[status] ?? ''} | ${meaning} | ${more.join(', ')} |`;
  });
  return [
    '# Errors',
    '',
    'Every error is a problem (RFC 9457, `application/problem+json`) with `type`, `title`, `status`, `detail`, `instance` (the id of the',
    'request, as in the logs and in `x-request-id`) and a stable `code`. Tell errors apart by `code`: the words of `detail` may change.',
    '',
    '<!-- Written by `npm run docs` from client/gateway/problems.ts. -->',
    '',
    '| code | status | what it means | beside these |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
