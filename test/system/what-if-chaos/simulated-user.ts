import { setTimeout as pause } from 'node:timers/promises';
import { draw } from '../../../sandbox/sfox/random.ts';
import type { Sfox } from '../../../sandbox/sfox/index.ts';
import { OnwardError, Unavailable } from '../../../client/errors.ts';
import type { Caller } from '../../../client/journeys/idempotent-update.ts';
import type { Onward } from '../../../client/onward.ts';
import type { Status } from '../../../workflows/journey/status/status.ts';

/** A user, and the operator who helps. What they do depends on the seed and on what they can see, and on nothing else. */
export interface SimulatedUser {
  readonly onward: Onward;
  readonly sfox: Sfox;
  readonly seed: number;
  readonly userId: string;
  /** Aborted when no caller waits for the user any more. */
  readonly ended: AbortSignal;
}

const MAX_TURNS = 25;
const POLL_INTERVAL_MS = 100;
/** After this time, the status is read again even if no change was seen. */
const MAX_WAIT_MS = 10_000;
const RETRY_INTERVAL_MS = 1_000;
const BUSY_STEPS: ReadonlySet<Status['step']> = new Set(['sending', 'checkingCode'] as const);

type Move = 'right' | 'wrong' | 'resend' | 'pause' | 'recheck' | 'leave' | 'resume' | 'retry';

/** The moves at a hundred turns at which a code is awaited. */
const MOVES: readonly (readonly [Move, number])[] = [
  ['right', 30],
  ['wrong', 46],
  ['resend', 14],
  ['pause', 3],
  ['recheck', 3],
  ['leave', 4],
];

/** Signs a user up, who then acts until the journey has ended or the user leaves. */
export async function liveThrough(user: SimulatedUser): Promise<void> {
  const { onward, seed, userId } = user;
  const accountType = draw(seed, `account/${userId}`) < 0.2 ? 'business' : 'individual';
  await untilAvailable(user, () => onward.start(userId, { accountType }));
  for (let turn = 1; turn <= MAX_TURNS; turn += 1) {
    const status = await settledStatus(user);
    const move = chooseMove(user, turn, status);
    if (move === 'leave') return;
    try {
      await untilAvailable(user, () => act(user, turn, move, status));
    } catch (error) {
      // A refusal is seen by the user, who then does something else.
      if (!(error instanceof OnwardError)) throw error;
    }
  }
  await settledStatus(user);
}

/** Waits until the journey waits for its user or an operator, or has ended. */
async function settledStatus(user: SimulatedUser): Promise<Status> {
  const { onward, userId } = user;
  for (;;) {
    const status = await untilAvailable(user, () => onward.status(userId));
    const { live, step, revision } = status;
    if (live && !BUSY_STEPS.has(step)) return status;
    if (!live || revision === null) await pause(POLL_INTERVAL_MS);
    else await onward.subscriptions.next(userId, revision, AbortSignal.timeout(MAX_WAIT_MS), status);
  }
}

function chooseMove({ seed, userId }: SimulatedUser, turn: number, { state, step }: Status): Move {
  if (step === null || ['done', 'expired', 'cancelled'].includes(state)) return 'leave';
  const number = draw(seed, `move/${turn}/${userId}`);
  if (step === 'paused') return 'resume';
  if (step === 'stalled') return 'retry';
  if (step === 'locked') return number < 0.5 ? 'retry' : 'leave';
  let sum = 0;
  return MOVES.find(([, share]) => number * 100 < (sum += share))?.[0] ?? 'leave';
}

async function act(user: SimulatedUser, turn: number, move: Move, status: Status): Promise<unknown> {
  const { onward, userId } = user;
  const channel = status.state === 'smsPending' ? 'sms' : 'email';
  const caller = (role: Caller['role']): Caller => ({ role, name: 'chaos', idempotencyKey: `${turn}` });
  const reason = 'chaos';
  const code = newestCode(user, channel);
  switch (move) {
    case 'right':
    case 'wrong':
      if (code === undefined) return onward.resend(userId, { channel }, caller('app'));
      return onward.submitCode(userId, { channel, code: move === 'right' ? code : otherCode(code) }, caller('app'));
    case 'resend':
      return onward.resend(userId, { channel }, caller('app'));
    case 'pause':
      return onward.pause(userId, { reason }, caller('operator'));
    case 'resume':
      return onward.resume(userId, { reason }, caller('operator'));
    case 'recheck':
      return onward.recheck(userId, { reason }, caller('operator'));
    case 'retry':
      return onward.retry(userId, { reason }, caller('operator'));
    case 'leave':
      return undefined;
  }
}

function newestCode({ sfox, userId }: SimulatedUser, channel: string): string | undefined {
  return sfox.outbox(userId).findLast((mail) => mail.channel === channel)?.code;
}

const otherCode = (code: string) => code.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));

/** Repeats a call while Temporal or all workers are unavailable. Commands have an idempotency key, so each is carried out once. */
export async function untilAvailable<T>({ ended }: Pick<SimulatedUser, 'ended'>, call: () => Promise<T>): Promise<T> {
  for (;;) {
    ended.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      await pause(RETRY_INTERVAL_MS);
    }
  }
}
