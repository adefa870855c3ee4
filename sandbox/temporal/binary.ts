import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

/** Where a command may lie, in the order of a PATH. */
export function placesOnPath(command: string, path: string): string[] {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => resolve(folder, command));
}

/** Why a file is no Temporal CLI that runs here; `null` when it is one. */
export function whyNot(file: string): Promise<string | null> {
  return new Promise((answer) => {
    execFile(file, ['--version'], { timeout: 15_000, killSignal: 'SIGKILL' }, (error, output) => {
      if (error?.code === 'ENOENT') answer('there is no such file, or its interpreter is missing');
      else if (error?.code === 'EACCES') answer('it may not be executed');
      else if (error) answer(error.killed ? 'it did not answer within 15 s' : error.message.trim());
      else answer(output.startsWith('temporal version') ? null : `it does not call itself temporal: ${output.trim()}`);
    });
  });
}

/**
 * Lets `make` put a binary into a folder of its own and keeps it as `<cacheDir>/temporal`: a half-made one is never seen
 * there, and two processes that make one at the same time do not meet. Throws what `make` throws.
 */
export async function keep(cacheDir: string, make: (folder: string) => Promise<void>): Promise<string> {
  await mkdir(cacheDir, { recursive: true });
  const folder = await mkdtemp(join(cacheDir, 'making-'));
  try {
    await make(folder);
    const made = await firstUsable((await readdir(folder)).map((name) => join(folder, name)));
    if (made === null) throw new Error('what came does not run here');
    await chmod(made, 0o755);
    const kept = join(cacheDir, 'temporal');
    await rename(made, kept);
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first of some files that is a Temporal CLI and runs; `null` when none does. */
export async function firstUsable(files: readonly string[]): Promise<string | null> {
  for (const file of files) if ((await whyNot(file)) === null) return file;
  return null;
}
