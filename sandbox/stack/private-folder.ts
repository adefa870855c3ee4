import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';

const OTHERS_MAY_WRITE = 0o022;
const OWNER_ONLY = 0o600;

/** Windows has no user ids. */
const ownUserId = process.getuid?.();
const isOwn = ({ uid }: Stats) => ownUserId === undefined || uid === ownUserId;

/**
 * Creates a folder that only this user can write to, or checks an existing one with everything in it: a file that another user
 * created beforehand, or a symbolic link, could send secrets elsewhere.
 *
 * @throws if another user owns the folder or a file in it or may write there, or if one of them is a symbolic link
 */
export async function requirePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stats = await lstat(folder);
  const advice = 'set ONWARD_DATA to a folder of your own';
  if (!stats.isDirectory()) throw new Error(`${folder} must be a folder, not a link to one: ${advice}`);
  if (!isOwn(stats)) throw new Error(`${folder} must belong to you; it belongs to user ${stats.uid}: ${advice}`);
  if (ownUserId !== undefined && (stats.mode & OTHERS_MAY_WRITE) !== 0) {
    throw new Error(
      `${folder} must not be writable by others; its mode is ${(stats.mode & 0o777).toString(8)}: ${advice}, ` +
        'or check what is in it and run chmod go-w',
    );
  }
  for (const name of await readdir(folder)) checkEntry(join(folder, name), await lstat(join(folder, name)));
}

function checkEntry(file: string, stats: Stats): void {
  if (stats.isSymbolicLink()) throw new Error(`${file} must not be a symbolic link: delete it`);
  if (!isOwn(stats)) throw new Error(`${file} must belong to you; it belongs to user ${stats.uid}: delete it`);
  if (stats.isFile() && stats.nlink > 1) throw new Error(`${file} must not have another name: delete it`);
}

/** Writes a file that only this user can read. It is created under a new name, and then replaces the previous one atomically. */
export async function writePrivately(file: string, text: string): Promise<void> {
  const temporaryFile = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(temporaryFile, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, OWNER_ONLY);
  try {
    await handle.writeFile(text);
    await handle.close();
    await rename(temporaryFile, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(temporaryFile, { force: true });
    throw error;
  }
}
