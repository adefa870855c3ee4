import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readVariable } from '../../../client/config/env.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onward-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const readFrom = (path: string) => readVariable({ ONWARD_TOKENS_FILE: path }, 'ONWARD_TOKENS');

describe('a secret in a file', () => {
  it('is read without the white space around it', async () => {
    const path = join(folder, 'secret');
    await writeFile(path, ' a secret\n');
    expect(readFrom(path)).toBe('a secret');
  });

  it('must not be a FIFO, and does not wait for one', () => {
    const path = join(folder, 'fifo');
    execFileSync('mkfifo', [path]);
    expect(() => readFrom(path)).toThrow('ONWARD_TOKENS_FILE must name a regular file');
  });

  it('must not be an endless device', () => {
    expect(() => readFrom('/dev/zero')).toThrow('ONWARD_TOKENS_FILE must name a regular file');
  });

  it('must not have 300 MB', async () => {
    const path = join(folder, 'large');
    await writeFile(path, '');
    await truncate(path, 300 * 1_024 * 1_024);
    expect(() => readFrom(path)).toThrow(/names a file of 314572800 bytes; at most 1048576 are read/);
  });
});
