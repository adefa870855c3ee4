import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';
import { root } from '../architecture/imports.ts';

export const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The folder of the tools that `test/deploy/install-tools.sh` builds. */
const TOOLS = join(root, '.cache/tools');
export const SCHEMAS = join(TOOLS, 'schemas');

/** Returns the path of a program in `.cache/tools` or on the PATH. Nothing is built or downloaded. */
export function findTool(name: string): string | undefined {
  return [TOOLS, ...(process.env['PATH'] ?? '').split(delimiter)].map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `describe` for tests that need tools, or `describe.skip` where one is absent: say in the title what it needs. */
export const describeWith = (...names: readonly string[]) => (names.every(hasTool) ? describe : describe.skip);

function hasTool(name: string): boolean {
  return name === 'schemas' ? existsSync(join(SCHEMAS, 'swagger.json')) : findTool(name) !== undefined;
}

/** Runs a tool and returns its output. Throws with its errors. */
export function runTool(name: string, args: readonly string[], input = ''): string {
  return execFileSync(findTool(name) ?? name, args, {
    cwd: root,
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1_024 * 1_024,
  });
}

/** Runs a tool that is expected to fail, and returns its exit code and everything that it wrote. */
export function tryTool(
  name: string,
  args: readonly string[],
): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(findTool(name) ?? name, args, { cwd: root, encoding: 'utf8' });
  return { status, text: stdout + stderr };
}
