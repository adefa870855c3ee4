import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Unavailable } from '../errors.ts';
import { readRecordFromHistory } from '../journey-history/read-record.ts';
import type { JourneyRecord } from '../journey-log/record.ts';
import type { StatusReader } from '../journeys/status-reader.ts';

/** The waits before a read is repeated, in milliseconds. */
const RETRY_WAITS_MS: readonly number[] = [1_000, 4_000];

/**
 * Reads the record of a journey from its history, and queries the journey only if that does not suffice. While Temporal or the workers are
 * unavailable, the read is repeated.
 *
 * @throws NotFound Unavailable LogIncomplete
 */
export async function readJourney(
  client: Client,
  reader: Pick<StatusReader, 'record'>,
  userId: string,
  [wait, ...waits] = RETRY_WAITS_MS,
): Promise<JourneyRecord> {
  try {
    return (await readRecordFromHistory(client, userId)) ?? (await reader.record(userId));
  } catch (error) {
    if (wait === undefined || !(error instanceof Unavailable) || error.isLasting) throw error;
    await pause(wait);
    return readJourney(client, reader, userId, waits);
  }
}
