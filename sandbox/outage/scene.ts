import { setTimeout as pause } from 'node:timers/promises';
import type { RecoveryStatus, Summary } from '../../client/http/index.ts';
import { Problem } from '../../client/http/index.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { People } from '../fleet/people.ts';
import type { Mark, Pace } from './judge.ts';

/** What is seen of an outage at a moment. */
export interface View {
  readonly isAway: boolean;
  readonly users: number;
  /** Users who have been sent a code. */
  readonly served: number;
  readonly summary: Summary;
  readonly recovery: RecoveryStatus;
}

export interface Stage {
  readonly fleet: Fleet;
  readonly users: readonly string[];
  /** Something has happened, in plain words. */
  readonly tell: (what: string) => void;
  readonly show: (view: View) => void;
  readonly over: AbortSignal;
}

const LOOK = 250;
const AT_ONCE = 20;

/** The policy under which an outage is played; recovery looks often, and a code is taken for lost soon. */
export const policyOf = (
  { perSecond, upToPerSecond }: Pace,
  { every, codeLife }: { every: string; codeLife: string },
) =>
  `retrySendFor: 1 s
callTimeout: 2 s
codeLife: ${codeLife}
recovery: { every: ${every}, perSecond: ${perSecond}, upToPerSecond: ${upToPerSecond} }
`;

/**
 * Plays it: the provider is away when people sign up, comes back, goes again in the middle of the drain, comes back for good,
 * and a worker is killed in the second drain. People enter every code that they get. Ends when all of them are done.
 *
 * @returns when the provider went and came
 */
export async function play(stage: Stage): Promise<Mark[]> {
  const { fleet, users, tell } = stage;
  const marks: Mark[] = [];
  const turn = (what: Mark['what'], why: string) => {
    fleet.sfox.outage(what === 'away');
    marks.push({ at: new Date().toISOString(), what });
    tell(`the provider is ${what}${why}`);
  };
  const part = (share: number) => Math.ceil(users.length * share);
  const people = new People(fleet.sfox, () => fleet.as('app'));
  const living = people.live();
  try {
    turn('away', '');
    await signUpAll(fleet, users);
    tell(`${users.length} people have signed up`);
    await until(stage, marks, ({ summary }) => summary.steps.stalled === users.length);
    tell('every journey is stalled');
    turn('back', '');
    await until(stage, marks, ({ served }) => served >= part(1 / 3));
    turn('away', ' again, in the middle of the drain');
    await until(stage, marks, ({ recovery }) => recovery.run?.state === 'waiting');
    tell(`recovery has stopped: ${(await fleet.as('viewer').recovery()).run?.outcome}`);
    turn('back', ' for good');
    await until(stage, marks, ({ served }) => served >= part(2 / 3));
    await fleet.crash('worker');
    tell('a worker was killed, and another one started');
    await until(stage, marks, ({ summary }) => summary.states.done === users.length);
    tell('every journey is done');
    return marks;
  } finally {
    await people.stop();
    await living;
  }
}

async function signUpAll(fleet: Fleet, users: readonly string[]): Promise<void> {
  for (let from = 0; from < users.length; from += AT_ONCE) {
    await Promise.all(users.slice(from, from + AT_ONCE).map((userId) => fleet.signUp(userId)));
  }
}

async function until(stage: Stage, marks: readonly Mark[], so: (view: View) => boolean): Promise<void> {
  for (;;) {
    stage.over.throwIfAborted();
    const view = await look(stage, marks.at(-1)?.what === 'away');
    if (view !== undefined) {
      stage.show(view);
      if (so(view)) return;
    }
    await pause(LOOK);
  }
}

/** Looks through the doors that an operator has. Gives nothing where they are shut for a moment. */
async function look({ fleet, users }: Stage, isAway: boolean): Promise<View | undefined> {
  try {
    const viewer = fleet.as('viewer');
    const [summary, recovery] = await Promise.all([viewer.summary(), viewer.recovery()]);
    const served = new Set(fleet.sfox.outbox().map(({ userId }) => userId)).size;
    return { isAway, users: users.length, served, summary, recovery };
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
