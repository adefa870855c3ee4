import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requirePrivateFolder } from './private-folder.ts';

export interface Lock {
  /** Whether the previous holder ended without releasing it. */
  readonly wasTakenOver: boolean;
  readonly release: () => Promise<void>;
}

/**
 * Locks a folder for this process with a file that contains its process id. Takes over the lock of a process that has ended.
 * Creates the folder if needed. Throws if another process holds the lock, or another user may write to the folder.
 */
export async function lock(folder: string): Promise<Lock> {
  const file = join(folder, 'lock');
  const release = () => rm(file, { force: true });
  await requirePrivateFolder(folder);
  if (await create(file)) return { wasTakenOver: false, release };
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  if (!isRunning(holder)) {
    await release();
    if (await create(file)) return { wasTakenOver: true, release };
  }
  throw new Error(
    `${folder} is in use by process ${holder}: stop that process, or use another folder with ONWARD_DATA=<folder> ` +
      `(if process ${holder} is not an Onward process, delete ${file})`,
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

function isRunning(pid: number): boolean {
  // In a container, a process often has the same id as the one before it.
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user cannot be signalled, but it runs.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
