import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Directory } from '../../client/directory.ts';
import { Onward } from '../../client/onward.ts';
import { memoryOf } from '../stand/cost.ts';
import { times } from '../stand/numbers.ts';
import type { Times } from '../stand/numbers.ts';
import { forEach, timed } from './many.ts';
import { opening } from './opening.ts';
import type { Opening } from './opening.ts';
import type { ScaledServer } from './servers.ts';

export const asks = ['summary', 'list', 'filtered', 'count'] as const;
type Ask = (typeof asks)[number];

/** Open journeys on a server, and what operators' questions take there. */
export interface Open {
  readonly journeys: number;
  /** Of those that were started to come to so many. */
  readonly startsPerSecond: number;
  /** Bytes of the database for each of them. */
  readonly bytes: number;
  /** Bytes of all of it. */
  readonly database: number;
  /** Bytes of the server's process. */
  readonly memory: number;
  readonly took: { readonly [A in Ask]: Times };
  /** How long the console takes to open. */
  readonly opening: Opening | null;
}

const PARALLEL = 64;
const BUSINESS = 10;
/** A summary is kept for a second. */
const ANEW = 1_050;
const LONGEST = 120_000;

/** Has more journeys started until so many are open, every tenth of a business; nobody works on them. Then asks for them. */
export async function openAt(server: ScaledServer, client: Client, journeys: number, rounds: number): Promise<Open> {
  const taskQueue = 'open';
  const onward = new Onward({ client, taskQueue });
  const directory = new Directory(client);
  const before = await directory.count({});
  const bytes = await server.bytes();
  const users = Array.from({ length: journeys - before }, () => randomUUID());
  const kinds = new Map(
    users.map((userId, nth) => [userId, nth % BUSINESS === 0 ? 'business' : 'individual'] as const),
  );
  const took = await forEach([...kinds], PARALLEL, ([userId, accountType]) => onward.start(userId, { accountType }));
  // Visibility comes a moment later.
  for (const deadline = Date.now() + LONGEST; (await directory.count({})) < journeys; await pause(200)) {
    if (Date.now() > deadline) throw new Error(`visibility does not come to ${journeys} journeys`);
  }
  const database = await server.bytes();
  return {
    journeys,
    startsPerSecond: (users.length * 1_000) / took,
    bytes: (database - bytes) / users.length,
    database,
    memory: await memoryOf(server.pid),
    took: await ask(onward, directory, rounds),
    opening: await opening(server.address, taskQueue),
  };
}

async function ask(onward: Onward, directory: Directory, rounds: number): Promise<Open['took']> {
  const anew = Array.from({ length: rounds }, (_, nth) => nth);
  const each = async (question: () => Promise<unknown>) => times(await timed(anew, question));
  const summaries: number[] = [];
  for (const nth of anew) {
    await pause(ANEW);
    summaries.push(...(await timed([nth], () => onward.summary())));
  }
  return {
    summary: times(summaries),
    list: await each(() => onward.list()),
    filtered: await each(() => onward.list({ state: 'emailPending', accountType: 'business' })),
    count: await each(() => directory.count({ state: 'emailPending', accountType: 'business' })),
  };
}
