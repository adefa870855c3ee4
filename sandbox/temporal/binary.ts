import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { bareEnvironment } from '../process/bare-environment.ts';

/** Returns the possible paths of a command, in the order of a PATH. */
export function placesOnPath(command: string, path: string): string[] {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => resolve(folder, command));
}

/** Returns why a file is not a Temporal CLI that runs on this machine; `null` if it is one. */
export function findProblem(file: string): Promise<string | null> {
  return new Promise((answer) => {
    const options = { timeout: 15_000, killSignal: 'SIGKILL', env: bareEnvironment() } as const;
    execFile(file, ['--version'], options, (error, output) => {
      if (error?.code === 'ENOENT') answer('the file does not exist, or its interpreter is missing');
      else if (error?.code === 'EACCES') answer('it is not executable');
      else if (error) answer(error.killed ? 'it did not answer within 15 s' : error.message.trim());
      else answer(output.startsWith('temporal version') ? null : `it does not call itself temporal: ${output.trim()}`);
    });
  });
}

/**
 * Calls `make` to put a binary into a temporary folder, then moves it to `<cacheDir>/temporal`. The move is atomic, so that
 * concurrent processes never find an incomplete binary. Throws what `make` throws.
 */
export async function installInto(cacheDir: string, make: (folder: string) => Promise<void>): Promise<string> {
  await mkdir(cacheDir, { recursive: true });
  const folder = await mkdtemp(join(cacheDir, 'making-'));
  try {
    await make(folder);
    const made = await firstUsable((await readdir(folder)).map((name) => join(folder, name)));
    if (made === null) throw new Error('the binary does not run on this machine');
    await chmod(made, 0o755);
    const cached = join(cacheDir, 'temporal');
    await rename(made, cached);
    return cached;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the first of the files that is a Temporal CLI and runs; `null` if none does. */
export async function firstUsable(files: readonly string[]): Promise<string | null> {
  for (const file of files) if ((await findProblem(file)) === null) return file;
  return null;
}
