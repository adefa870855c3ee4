import type { Client } from '@temporalio/client';
import { StatusReader } from '../../client/journeys/status-reader.ts';
import { comparePage } from '../../client/what-ifs/compare-page.ts';
import { readJourney } from '../../client/what-ifs/read-journey.ts';
import type { WhatIfActivities } from '../../workflows/what-if/contract.ts';
import { withHeartbeat } from '../health/heartbeat.ts';

/** How long to wait for another worker, which may have to replay the journey first. */
const QUERY_TIMEOUT_MS = 10_000;

/** Creates the activity of what-ifs, which reads journeys and changes none. */
export function createWhatIfActivities(client: Client, closing: AbortSignal): WhatIfActivities {
  const reader = new StatusReader(client, QUERY_TIMEOUT_MS);
  const read = (userId: string) => readJourney(client, reader, userId);
  return {
    compareJourneys: (request) => withHeartbeat(closing, () => comparePage(client, read, request)),
  };
}
