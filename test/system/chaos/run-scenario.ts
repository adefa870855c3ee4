import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../../client/http-client/index.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { RemoteSfox } from '../../../sandbox/sfox/remote.ts';
import { planParticipants } from './participants.ts';
import type { Participant } from './participants.ts';
import { faultyCalls, planFaults } from './faults.ts';
import type { UserOutcome } from './verify-outcome.ts';
import { SimulatedUser } from './simulated-user.ts';
import type { UserContext } from './simulated-user.ts';
import { runDisruptions } from './failures.ts';
import type { Disruption, DisruptionKind, Interval } from './failures.ts';

export interface ChaosOptions extends UserContext {
  readonly seed: number;
  readonly journeys: number;
  readonly interval: Interval;
  /** How many disruptions there are at most. Without a bound, a machine on which processes start slowly recovers from none. */
  readonly maxDisruptions: number;
  /** How many users are active at a time. */
  readonly concurrency: number;
  /** Kills the Temporal server, and resolves when it serves again. */
  readonly crashServer: () => Promise<void>;
  /** Receives a message about each event of the run. */
  readonly report: (message: string) => void;
}

/** The policy of the run: short time spans, and limits that no user reaches. */
export const policy = `retrySendFor: 3 s
callTimeout: 1 s
codeLife: 3 s
cooldowns: [1 s]
sends: { per10Minutes: 8, perDay: 16 }
guesses: { perCode: 8, perChannel: 12 }
rates: { sendsPerSecond: 12, checksPerSecond: 10 }
recovery: { every: 2 s, perSecond: 10, upToPerSecond: 20 }
`;
/** `sends.per10Minutes` of `policy`. */
export const MAX_SENDS_PER_10_MINUTES = 8;

/** How long the provider is unavailable. */
const OUTAGE_MS = 2_500;
/** Disruptions end when this share of the users has finished; the others show that the system recovers. */
const DISRUPTED_SHARE = 0.9;

const POLL_INTERVAL_MS = 500;
const SETUP_CONCURRENCY = 20;

/**
 * Runs the scenario until every user has reached the final status of their behaviour.
 *
 * @throws Error naming the unfinished users if the deadline passes
 */
export async function runScenario(
  options: ChaosOptions,
): Promise<{ outcomes: UserOutcome[]; disruptions: Disruption[] }> {
  const { fleet, seed, journeys, interval, maxDisruptions, deadline, concurrency, report } = options;
  const participants = planParticipants(seed, journeys);
  setMaxListeners(0, deadline);
  await forEachConcurrently(participants, SETUP_CONCURRENCY, (participant) =>
    scriptFaults(fleet.sfox, seed, participant),
  );
  const calm = new AbortController();
  const reportAndDisrupt = (kind: DisruptionKind) => {
    report(`the ${kind} is ${kind === 'provider' ? 'unavailable' : 'killed'}`);
    return disrupt(options, kind);
  };
  const plan = { seed, interval, maxDisruptions, disrupt: reportAndDisrupt };
  const disrupting = runDisruptions(plan, calm.signal, deadline);
  const users = participants.map((participant) => new SimulatedUser(participant, options));
  const unfinished = new Set(users);
  const running = forEachConcurrently(users, concurrency, async (user) => {
    await user.run();
    unfinished.delete(user);
    const finished = journeys - unfinished.size;
    if (finished % Math.ceil(journeys / 10) === 0) report(`${finished} of ${journeys} users have finished`);
    if (finished >= journeys * DISRUPTED_SHARE) calm.abort();
  })
    .catch(async (error: unknown) => {
      if (!deadline.aborted) throw error;
      const recovery = await fleet.client('viewer').recovery().catch(String);
      const details = [...[...unfinished].map(describeUser), `recovery: ${JSON.stringify(recovery)}`];
      throw new Error(`${String(deadline.reason)}: ${details.join('; ')}`);
    })
    .finally(() => calm.abort());
  // A failed disruption ends the run at once: users would otherwise wait for a service that does not return.
  // The disruption in progress is awaited even after a failure, because it starts a process that must be stopped later.
  const [disruptions] = await Promise.all([disrupting, running]).finally(() => disrupting.catch(() => {}));
  return { disruptions, outcomes: await readOutcomes(options, participants, users) };
}

function describeUser({ userId, lastStatus, progress }: SimulatedUser): string {
  const { state = 'no state', step = null, stalled = null } = lastStatus ?? {};
  return `${userId} at ${[state, step ?? [], stalled?.reason ?? []].flat().join('.')}, ${progress}`;
}

async function scriptFaults(sfox: RemoteSfox, seed: number, { userId }: Participant): Promise<void> {
  for (const call of faultyCalls) await sfox.script(userId, call, planFaults(seed, userId, call));
}

async function disrupt({ fleet, crashServer, deadline }: ChaosOptions, kind: DisruptionKind): Promise<void> {
  switch (kind) {
    case 'worker':
    case 'gateway':
      return fleet.crash(kind);
    case 'server':
      return crashServer();
    case 'provider':
      await fleet.sfox.outage(true);
      await pause(OUTAGE_MS, undefined, { signal: deadline }).catch(() => {});
      await fleet.sfox.outage(false);
  }
}

async function readOutcomes(
  { fleet, deadline }: ChaosOptions,
  participants: readonly Participant[],
  users: readonly SimulatedUser[],
): Promise<UserOutcome[]> {
  const outcomes: UserOutcome[] = [];
  await forEachConcurrently(participants, SETUP_CONCURRENCY, async ({ userId, behaviour }, nth) => {
    const { status, timeline } = await readJourney(fleet, userId, deadline);
    const signUpResults = users[nth]?.signUpResults ?? [];
    outcomes.push({ userId, behaviour, signUpResults, status, timeline: timeline?.items ?? [] });
  });
  return outcomes;
}

/** Polls until the status is live, read from the workflow by a query: the worker killed last may not have been replaced yet. */
async function readJourney(fleet: Fleet<RemoteSfox>, userId: string, deadline: AbortSignal) {
  for (;;) {
    deadline.throwIfAborted();
    try {
      const status = await fleet.client('app').status(userId);
      if (status.live) return { status, timeline: await fleet.client('viewer').timeline(userId) };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 404) return { status: null, timeline: null };
    }
    await pause(POLL_INTERVAL_MS);
  }
}

/** Rejects with the first failure. */
async function forEachConcurrently<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, nth: number) => Promise<void>,
): Promise<void> {
  const remaining = items.entries();
  const runNext = async () => {
    for (const [nth, item] of remaining) await work(item, nth);
  };
  await Promise.all(Array.from({ length: concurrency }, runNext));
}
