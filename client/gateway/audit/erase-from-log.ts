import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { readWebhookId } from '../../webhooks/webhooks.ts';
import { digestOf } from '../plugins/tokens.ts';

const CHUNK_BYTES = 1_024 * 1_024;
const NEW_LINE = 0x0a;

/**
 * Blanks a user's id in an audit log and verifies it by reading the file again.
 *
 * Each character is overwritten by `*` in place: the file keeps its length, so lines that other processes append
 * meanwhile are not lost. The digest beside the id stays.
 *
 * @returns false if it is not a regular file, such as a pipe
 */
export async function blankUser(path: string, userId: string): Promise<boolean> {
  const file = await open(path, 'r+');
  try {
    if (!(await file.stat()).isFile()) return false;
    await forEachMatch(file, userId, (at, length) => file.write('*'.repeat(length), at, 'latin1'));
    await file.datasync();
    await forEachMatch(file, userId, () => {
      throw new Error('the audit log still names the user');
    });
    return true;
  } finally {
    await file.close();
  }
}

/** Finds every position in a file where a line contains the user's id. */
async function forEachMatch(
  file: FileHandle,
  userId: string,
  onMatch: (at: number, length: number) => Promise<unknown>,
): Promise<void> {
  let carried = Buffer.alloc(0);
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let position = 0; ;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
    const start = position - carried.length;
    const bytes = Buffer.concat([carried, chunk.subarray(0, bytesRead)]);
    const end = bytesRead === 0 ? bytes.length : bytes.lastIndexOf(NEW_LINE) + 1;
    // latin1 has one character per byte, so positions in the text are positions in the file.
    for (const { at, length } of findMatches(bytes.toString('latin1', 0, end), userId))
      await onMatch(start + at, length);
    if (bytesRead === 0) return;
    carried = Buffer.from(bytes.subarray(end));
    position += bytesRead;
  }
}

interface Match {
  readonly at: number;
  readonly length: number;
}

/** In the text of a JSON string a quote is escaped, so these never match inside of one. */
const NAMES = /"(?:subject|userId|newUserId)":"([^"\\]*)"/dg;
const LISTS = /"userIds":\[("[^"\\]*"(?:,"[^"\\]*")*)\]/dg;
const REASON = /"reason":"((?:[^"\\]|\\.)*)"/d;

function findMatches(text: string, userId: string): Match[] {
  const digest = digestOf(userId).toString('hex');
  const matches: Match[] = [];
  for (const { indices, 1: value = '' } of text.matchAll(NAMES)) {
    const isUsers = value === userId || readWebhookId(value)?.userId === userId;
    if (isUsers) matches.push({ at: indices?.[1]?.[0] ?? 0, length: value.length });
  }
  for (const { indices, 1: list = '' } of text.matchAll(LISTS)) {
    const start = indices?.[1]?.[0] ?? 0;
    const at = list.indexOf(`"${userId}"`);
    if (at >= 0) matches.push({ at: start + at + 1, length: userId.length });
  }
  for (let at = text.indexOf(digest); at >= 0; at = text.indexOf(digest, at + 1)) {
    const from = text.lastIndexOf('\n', at) + 1;
    const to = text.indexOf('\n', at);
    matches.push(
      ...findInReason(text.slice(from, to < 0 ? undefined : to), userId).map((match) => ({
        ...match,
        at: from + match.at,
      })),
    );
  }
  return matches;
}

/** Finds the user's id in an operator's reason, in any case: a text may spell it otherwise than the policy's `userIds` does. */
function findInReason(line: string, id: string): Match[] {
  const found = REASON.exec(line);
  const [reason, userId] = [(found?.[1] ?? '').toLowerCase(), id.toLowerCase()];
  const start = found?.indices?.[1]?.[0] ?? 0;
  const matches: Match[] = [];
  for (let at = reason.indexOf(userId); at >= 0; at = reason.indexOf(userId, at + 1)) {
    matches.push({ at: start + at, length: userId.length });
  }
  return matches;
}
