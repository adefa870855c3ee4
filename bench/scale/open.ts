import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { JourneySearch } from '../../client/search/journey-search.ts';
import { Onward } from '../../client/onward.ts';
import { readMemoryBytes } from '../harness/cost.ts';
import { percentilesOf } from '../harness/numbers.ts';
import type { Times } from '../harness/numbers.ts';
import { forEach, timeEach } from './concurrency.ts';
import { measureConsoleOpening } from './console-opening.ts';
import type { ConsoleOpening } from './console-opening.ts';
import type { ScaledServer } from './servers.ts';

export const requests = ['summary', 'list', 'filtered', 'count'] as const;
type OperatorRequest = (typeof requests)[number];

/** The time of operators' requests on a server with open journeys. */
export interface OpenFigures {
  readonly journeys: number;
  /** Rate at which the journeys of this size were started. */
  readonly startsPerSecond: number;
  /** Bytes of the database for each journey. */
  readonly bytes: number;
  /** Bytes of the whole database. */
  readonly database: number;
  /** Bytes of the server's process. */
  readonly memory: number;
  readonly took: { readonly [A in OperatorRequest]: Times };
  /** How long the console takes to open; `null` without Chromium. */
  readonly opening: ConsoleOpening | null;
}

const CONCURRENCY = 64;
const BUSINESS_EVERY = 10;
/** A summary is cached for a second. */
const CACHE_EXPIRED_MS = 1_050;
const VISIBILITY_TIMEOUT_MS = 120_000;

/** Starts journeys until the given number is open, every tenth for a business, without a worker. Then measures operators' requests. */
export async function measureOpen(
  server: ScaledServer,
  client: Client,
  journeys: number,
  rounds: number,
): Promise<OpenFigures> {
  const taskQueue = 'open';
  const onward = new Onward({ client, taskQueue });
  const search = new JourneySearch(client);
  const before = await search.count({});
  const bytes = await server.readDatabaseBytes();
  const users = Array.from({ length: journeys - before }, () => randomUUID());
  const kinds = new Map(
    users.map((userId, nth) => [userId, nth % BUSINESS_EVERY === 0 ? 'business' : 'individual'] as const),
  );
  const took = await forEach([...kinds], CONCURRENCY, ([userId, accountType]) => onward.start(userId, { accountType }));
  // Visibility is eventually consistent.
  for (const deadline = Date.now() + VISIBILITY_TIMEOUT_MS; (await search.count({})) < journeys; await pause(200)) {
    if (Date.now() > deadline) throw new Error(`visibility did not reach ${journeys} journeys within 120 s`);
  }
  const database = await server.readDatabaseBytes();
  return {
    journeys,
    startsPerSecond: (users.length * 1_000) / took,
    bytes: (database - bytes) / users.length,
    database,
    memory: await readMemoryBytes(server.pid),
    took: await timeRequests(onward, search, rounds),
    opening: await measureConsoleOpening(server.address, taskQueue),
  };
}

async function timeRequests(onward: Onward, search: JourneySearch, rounds: number): Promise<OpenFigures['took']> {
  const numbers = Array.from({ length: rounds }, (_, nth) => nth);
  const each = async (request: () => Promise<unknown>) => percentilesOf(await timeEach(numbers, request));
  const summaries: number[] = [];
  for (const nth of numbers) {
    await pause(CACHE_EXPIRED_MS);
    summaries.push(...(await timeEach([nth], () => onward.summary())));
  }
  return {
    summary: percentilesOf(summaries),
    list: await each(() => onward.list()),
    filtered: await each(() => onward.list({ state: 'emailPending', accountType: 'business' })),
    count: await each(() => search.count({ state: 'emailPending', accountType: 'business' })),
  };
}
