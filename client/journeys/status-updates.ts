import { isDeepStrictEqual } from 'node:util';
import type { Status } from '../../workflows/journey/status/status.ts';

/**
 * Whether a status is newer than the last one that a reader received. A status built from what the server stores is not news
 * if the reader has the complete status of the same change.
 *
 * @param status from the journey, or from what the server stores (`live: false`)
 * @param last the last status that the reader received
 */
export function isNews(status: Status, last: Status | undefined): boolean {
  if (last === undefined) return true;
  if (!status.live) return last.live ? changedAt(status) > changedAt(last) : !isDeepStrictEqual(status, last);
  if (!last.live) return true;
  if (status.startedAt !== last.startedAt) return status.startedAt > last.startedAt;
  const newer = (status.revision ?? 0) - (last.revision ?? 0);
  return newer > 0 || (newer === 0 && !isDeepStrictEqual(status, last));
}

/**
 * Whether a live status that other readers received earlier is news to a reader who has just read another one.
 *
 * @param earlier live; a worker may not have run since
 */
export function isStillNews(earlier: Status, read: Status | undefined): boolean {
  return isNews(earlier, read) && (read === undefined || read.live || changedAt(earlier) >= changedAt(read));
}

const changedAt = ({ updatedAt, startedAt }: Status) => Date.parse(updatedAt ?? startedAt);
