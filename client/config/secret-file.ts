import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** Far above any key, token or certificate. */
const MAX_BYTES = 1_024 * 1_024;

/**
 * Reads a small text file at the start of a process, such as a mounted secret.
 *
 * @returns the text without surrounding whitespace, or what is wrong with the file. A file that would block the start, such
 *   as a FIFO without a writer, is rejected at once
 */
export function readSmallFile(path: string): { readonly text: string } | { readonly problem: string } {
  let file: number;
  try {
    // Without O_NONBLOCK, opening a FIFO waits for its writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return { problem: 'names a file that cannot be read' };
  }
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) return { problem: 'names a file that cannot be read' };
    if (!stats.isFile()) return { problem: 'must name a regular file' };
    if (stats.size > MAX_BYTES) {
      return { problem: `names a file of ${stats.size} bytes; at most ${MAX_BYTES} are read` };
    }
    return { text: readFileSync(file, 'utf8').trim() };
  } catch {
    return { problem: 'names a file that cannot be read' };
  } finally {
    closeSync(file);
  }
}
