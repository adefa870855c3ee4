import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Lock {
  /** Whether the one who held it before has died without letting go. */
  readonly takenOver: boolean;
  readonly release: () => Promise<void>;
}

/**
 * Holds a folder for this process, by a file with its process id. One that a dead process left is taken over.
 * Makes the folder where there is none. Throws when another process holds it.
 */
export async function lock(folder: string): Promise<Lock> {
  const file = join(folder, 'lock');
  const release = () => rm(file, { force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (await create(file)) return { takenOver: false, release };
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  if (!lives(holder)) {
    await release();
    if (await create(file)) return { takenOver: true, release };
  }
  throw new Error(
    `${folder} is in use by process ${holder}: stop that one, or give this one a folder of its own with ` +
      `ONWARD_DATA=<folder> (if no such process is Onward's, delete ${file})`,
  );
}

async function create(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function lives(pid: number): boolean {
  // In a container a process often gets the id that the one before it had.
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be signalled, and lives all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
