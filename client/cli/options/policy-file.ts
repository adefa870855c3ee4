import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { parse } from 'yaml';
import type { PolicyDocument } from '../../../workflows/journey/policy/adoption.ts';

/** Reads the file of `--policy`. The gateway validates its keys. */
export function readPolicyDocument(path: string): PolicyDocument {
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'), { logLevel: 'error' }) ?? {};
  } catch {
    throw new InvalidArgumentError('must be a policy file that can be read, in YAML.');
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as PolicyDocument;
  throw new InvalidArgumentError('must be a policy file, such as one with `guesses: { perChannel: 10 }`.');
}
