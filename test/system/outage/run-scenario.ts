import { setTimeout as pause } from 'node:timers/promises';
import type { RecoveryStatus, Summary } from '../../../client/http-client/index.ts';
import { Problem } from '../../../client/http-client/index.ts';
import type { Fleet as AnyFleet } from '../fleet/fleet.ts';
import { SimulatedUsers } from '../fleet/simulated-users.ts';
import type { Sfox } from '../../../sandbox/sfox/index.ts';
import type { DrainRate, ProviderChange } from './verify-outcome.ts';

type Fleet = AnyFleet<Sfox>;

/** A snapshot of the run, as the display shows it. */
export interface OutageView {
  readonly isProviderDown: boolean;
  readonly users: number;
  /** How many users have been sent a code. */
  readonly usersSent: number;
  readonly summary: Summary;
  readonly recovery: RecoveryStatus;
}

export interface OutageOptions {
  readonly fleet: Fleet;
  readonly users: readonly string[];
  /** Receives a message about each event of the run. */
  readonly report: (message: string) => void;
  readonly show: (view: OutageView) => void;
  readonly deadline: AbortSignal;
}

const POLL_INTERVAL_MS = 250;
const SIGN_UP_CONCURRENCY = 20;

/**
 * The policy of the run: recovery runs often, and a code that was not entered is soon sent again. No journey retries a send by
 * itself, so each retry in the provider's log is recovery's.
 */
export const buildPolicy = (
  { perSecond, upToPerSecond }: DrainRate,
  { every, codeLife }: { every: string; codeLife: string },
) =>
  `retrySendFor: 0 s
cooldowns: [1 s]
callTimeout: 2 s
codeLife: ${codeLife}
recovery: { every: ${every}, perSecond: ${perSecond}, upToPerSecond: ${upToPerSecond} }
`;

/**
 * Runs the scenario: the provider is down while users sign up, is up again, fails once more in the middle of the drain, then stays up.
 * A worker is killed during the second drain. Users submit every code that they receive. Ends when all journeys are done.
 *
 * @returns when the provider went down and up
 */
export async function runScenario(options: OutageOptions): Promise<ProviderChange[]> {
  const { fleet, users, report } = options;
  const changes: ProviderChange[] = [];
  const setProvider = (provider: ProviderChange['provider'], detail: string) => {
    fleet.sfox.outage(provider === 'down');
    changes.push({ at: new Date().toISOString(), provider });
    report(`the provider is ${provider}${detail}`);
  };
  const share = (fraction: number) => Math.ceil(users.length * fraction);
  const simulatedUsers = new SimulatedUsers(fleet.sfox, () => fleet.client('app'));
  const running = simulatedUsers.run();
  try {
    setProvider('down', '');
    await signUpAll(fleet, users);
    report(`${users.length} users have signed up`);
    await waitUntil(options, changes, ({ summary }) => summary.steps.stalled === users.length);
    report('every journey is stalled');
    setProvider('up', '');
    await waitUntil(options, changes, ({ usersSent }) => usersSent >= share(1 / 3));
    setProvider('down', ' again, in the middle of the drain');
    await waitUntil(options, changes, ({ recovery }) => recovery.run?.state === 'waiting');
    report(`recovery has stopped: ${(await fleet.client('viewer').recovery()).run?.outcome}`);
    setProvider('up', ' for good');
    await waitUntil(options, changes, ({ usersSent }) => usersSent >= share(2 / 3));
    await fleet.crash('worker');
    report('a worker was killed, and another one started');
    await waitUntil(options, changes, ({ summary }) => summary.states.done === users.length);
    report('every journey is done');
    return changes;
  } finally {
    await simulatedUsers.stop();
    await running;
  }
}

async function signUpAll(fleet: Fleet, users: readonly string[]): Promise<void> {
  for (let from = 0; from < users.length; from += SIGN_UP_CONCURRENCY) {
    await Promise.all(users.slice(from, from + SIGN_UP_CONCURRENCY).map((userId) => fleet.signUp(userId)));
  }
}

async function waitUntil(
  options: OutageOptions,
  changes: readonly ProviderChange[],
  isReached: (view: OutageView) => boolean,
): Promise<void> {
  for (;;) {
    options.deadline.throwIfAborted();
    const view = await readView(options, changes.at(-1)?.provider === 'down');
    if (view !== undefined) {
      options.show(view);
      if (isReached(view)) return;
    }
    await pause(POLL_INTERVAL_MS);
  }
}

/** Reads what an operator can read from the API. Resolves to `undefined` if the gateway answers with an error. */
async function readView({ fleet, users }: OutageOptions, isProviderDown: boolean): Promise<OutageView | undefined> {
  try {
    const viewer = fleet.client('viewer');
    const [summary, recovery] = await Promise.all([viewer.summary(), viewer.recovery()]);
    const usersSent = new Set(fleet.sfox.outbox().map(({ userId }) => userId)).size;
    return { isProviderDown, users: users.length, usersSent, summary, recovery };
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
