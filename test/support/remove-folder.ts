import { rm } from 'node:fs/promises';

/** Removes a folder. A process that was killed may have children that still write to it for some seconds. */
export const removeFolder = (folder: string) =>
  rm(folder, { recursive: true, force: true, maxRetries: 60, retryDelay: 200 });
