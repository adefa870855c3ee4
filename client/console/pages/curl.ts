import type { Request } from './doors.js';

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** A request as a command for a shell; the token comes from `ONWARD_TOKEN`, and stands nowhere. */
export function curlOf({ method, path, body }: Request, origin = location.origin): string {
  return [
    `curl -X ${method} ${quoted(`${origin}${path}`)}`,
    `-H "Authorization: Bearer $ONWARD_TOKEN"`,
    `-H 'content-type: application/json'`,
    `-H "idempotency-key: $(uuidgen)"`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ');
}
