import { isDeepStrictEqual } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { parsePolicyDocument } from '../../../client/config/adoptable-policy.ts';
import { readRecordFromHistory } from '../../../client/journey-history/read-record.ts';
import { StatusReader } from '../../../client/journeys/status-reader.ts';
import type { JourneyRecord } from '../../../client/journey-log/record.ts';
import { LOST_ACTIVITY } from '../../../workflows/provider-replies.ts';
import { adoptedPolicy } from '../../../workflows/journey/policy/adoption.ts';
import { defaultPolicy } from '../../../workflows/journey/policy/policy.ts';
import type { LogEntry } from '../../../workflows/journey/stored/log.ts';
import type { JourneyComparison, WhatIfCounts, WhatIfResult } from '../../../workflows/what-if/contract.ts';
import { withWorld } from './run-world.ts';
import type { World, WorldOptions } from './run-world.ts';
import { untilAvailable } from './simulated-user.ts';

/** What two worlds have in common: no user waits, and no time limit is reached while the users act, however busy the machine is. */
const COMMON = {
  cooldowns: ['0 s'],
  retrySendFor: '0 s',
  unknownUserFor: '0 s',
  codeLife: '1 day',
  callTimeout: '1 minute',
};
/** The policy of the journeys. */
const OWN = { ...COMMON, sends: { per10Minutes: 6, perDay: 6 }, guesses: { perCode: 4, perChannel: 8 } };
/** Stricter about a code and about sends, laxer about a channel. */
const OTHER = { ...COMMON, sends: { per10Minutes: 5, perDay: 5 }, guesses: { perCode: 3, perChannel: 9 } };

const policyOf = (document: typeof OWN) => adoptedPolicy(defaultPolicy, parsePolicyDocument(document));

export interface Comparison {
  readonly journeys: number;
  readonly results: WhatIfCounts['results'];
  readonly differences: WhatIfCounts['differences'];
  readonly causes: WhatIfCounts['causes'];
  /** Journeys whose log was the same in both worlds, as far as the what-if compared it. */
  readonly agreed: number;
  /** Of those, journeys that the what-if decided. */
  readonly decided: number;
  /**
   * Journeys that cannot be compared: in one of the worlds, a request or its reply was lost between Temporal and a worker, so the
   * provider's replies are not the same in both.
   */
  readonly interrupted: number;
  /** Log entries that were compared, and entries of all logs in the first world. */
  readonly entries: { readonly compared: number; readonly total: number };
  /** Journeys that were read from their histories alone, and agreed with what the journey answers. */
  readonly readFromHistory: number;
  /** The violations. */
  readonly disagreements: readonly string[];
}

type Options = Omit<WorldOptions, 'policy' | 'users'> & {
  readonly journeys: number;
  readonly report: (message: string) => void;
};

/**
 * Lets the same users live under one policy, and in another world under the other. A what-if about the first world must agree with the
 * second: about every journey that it decides, and about each other one up to where it becomes undecided.
 */
export async function compareWorlds({ journeys, report, ...options }: Options): Promise<Comparison> {
  const users = Array.from({ length: journeys }, (_, nth) => `user${String(nth + 1).padStart(4, '0')}`);
  const first = await withWorld({ ...options, users, policy: policyOf(OWN) }, async (world) => {
    report(`${journeys} journeys under their own policy have come to rest`);
    const { counts, items } = await runWhatIf(world, journeys);
    report(`what-if: ${JSON.stringify(counts.results)}`);
    const [records, derived] = [await readRecords(world, users), await readDerived(world, users)];
    return { counts, items, records, derived, lost: world.lost };
  });
  const second = await withWorld({ ...options, users, policy: policyOf(OTHER) }, async (world) => {
    report(`${journeys} journeys under the other policy have come to rest`);
    return { records: await readRecords(world, users), lost: world.lost };
  });
  return compare(users, first, second);
}

interface LivedWorld {
  readonly records: ReadonlyMap<string, JourneyRecord>;
  readonly lost: ReadonlySet<string>;
}

interface FirstWorld extends LivedWorld {
  readonly counts: WhatIfCounts;
  readonly items: ReadonlyMap<string, JourneyComparison>;
  readonly derived: ReadonlyMap<string, JourneyRecord>;
}

function compare(users: readonly string[], first: FirstWorld, second: LivedWorld): Comparison {
  const { counts, items, records, derived } = first;
  const disagreements: string[] = [];
  const entries = { compared: 0, total: 0 };
  let decided = 0;
  let agreed = 0;
  let interrupted = 0;
  for (const userId of users) {
    const [own, other] = [records.get(userId)?.entries ?? [], second.records.get(userId)?.entries ?? []];
    const read = derived.get(userId);
    if (read !== undefined && !isDeepStrictEqual(read, records.get(userId))) {
      disagreements.push(`${userId}: its history says ${say(read.entries)}, and the journey ${say(own)}`);
    }
    if (first.lost.has(userId) || second.lost.has(userId) || [own, other].some((log) => log.some(isLost))) {
      interrupted += 1;
      continue;
    }
    const { result, events } = items.get(userId) ?? { result: 'same' satisfies WhatIfResult, events: undefined };
    const compared = events?.compared ?? own.length;
    entries.compared += compared;
    entries.total += own.length;
    const isWhole = result === 'same' || result === 'differs';
    const [expected, found] = isWhole ? [own, other] : [own, other].map((log) => log.slice(0, compared));
    if (isDeepStrictEqual(expected?.map(withoutTime), found?.map(withoutTime))) {
      agreed += 1;
      if (isWhole) decided += 1;
    } else disagreements.push(`${userId} (${result}): expected ${say(expected)}, but it was ${say(found)}`);
  }
  const { results, differences, causes } = counts;
  const readFromHistory = derived.size;
  return {
    journeys: users.length,
    results,
    differences,
    causes,
    agreed,
    decided,
    interrupted,
    entries,
    readFromHistory,
    disagreements,
  };
}

const say = (entries: readonly LogEntry[] = []) => entries.map(({ type }) => type).join(' ');

const isLost = (entry: LogEntry) => 'detail' in entry && entry.detail === LOST_ACTIVITY;

const TIMES: ReadonlySet<string> = new Set(['at', 'until']);
/** The two worlds live at different times. */
const withoutTime = (entry: LogEntry) => Object.fromEntries(Object.entries(entry).filter(([name]) => !TIMES.has(name)));

async function runWhatIf({ onward }: World, journeys: number) {
  while ((await onward.count({})) < journeys) await pause(500);
  const { id } = await onward.whatIfs.start({ policy: OTHER }, 'chaos');
  let page = await onward.whatIfs.get(id);
  for (; page.state === 'running'; page = await onward.whatIfs.get(id)) await pause(1_000);
  const items = new Map(page.items.map((item) => [item.userId, item]));
  for (let { next } = page; next !== null;) {
    const more = await onward.whatIfs.get(id, { cursor: next });
    for (const item of more.items) items.set(item.userId, item);
    ({ next } = more);
  }
  return { counts: page, items };
}

/** A journey that a replaced worker had in its cache takes the next one a while. */
const RECORD_TIMEOUT_MS = 120_000;

async function readRecords({ client }: World, users: readonly string[]): Promise<Map<string, JourneyRecord>> {
  const reader = new StatusReader(client, 30_000);
  const records = new Map<string, JourneyRecord>();
  for (const userId of users) {
    const ended = AbortSignal.timeout(RECORD_TIMEOUT_MS);
    records.set(userId, await untilAvailable({ ended }, () => reader.record(userId)));
  }
  return records;
}

async function readDerived({ client }: World, users: readonly string[]): Promise<Map<string, JourneyRecord>> {
  const records = new Map<string, JourneyRecord>();
  for (const userId of users) {
    const record = await readRecordFromHistory(client, userId);
    if (record !== undefined) records.set(userId, record);
  }
  return records;
}
