import { getAdjacencyMap, adjacencyMapToArray } from 'xstate/graph';
import type { ActorLogic, Snapshot as AnySnapshot } from 'xstate';
import type { Channel } from '../../activities/contract.ts';
import { noGuesses } from '../../workflows/context.ts';
import type { Context, JourneyInput, Restarted } from '../../workflows/context.ts';
import type { Answer, Command, JourneyEvent } from '../../workflows/events.ts';
import { automaticResendAt, cooldownEndsAt, countedSends, currentChannel, isLastTry } from '../../workflows/limits.ts';
import { healsWithTime, sendLimitEndsAt, sendOpensAt } from '../../workflows/limits.ts';
import { onboarding } from '../../workflows/machine.ts';
import { DAY, defaultPolicy, SECOND } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';
import { advance, alarmAt, begin, wake } from '../../workflows/step.ts';
import type { Effect, Journey } from '../../workflows/step.ts';

type Untimed<E> = E extends JourneyEvent ? Omit<E, 'at'> : never;

/** What can happen next: something is told, the alarm rings, or time passes until a send is open again. */
export type Move = Untimed<Command | Answer> | { readonly type: 'alarm' } | { readonly type: 'coolDown' };

/** A journey on a walk, with the clock that the machine does not have. */
export type Walk = AnySnapshot<undefined> & {
  readonly journey: Journey;
  readonly effects: readonly Effect[];
  readonly clock: number;
};

/** From one journey to the next by a move. */
export interface Edge {
  readonly from: Walk;
  readonly move: Move;
  readonly to: Walk;
}

/** Limits so small that a short walk comes to each of them. */
const smallPolicy: Policy = {
  ...defaultPolicy,
  cooldowns: [30 * SECOND],
  sends: { per10Minutes: 2, perDay: 2 },
  guesses: { perCode: 1, perChannel: 2 },
};

/** When walks begin. */
const MORNING = Date.UTC(2026, 0, 5, 9);

const by = { role: 'operator', name: 'night' } as const;
const told = { by, reason: null };
const detail = 'said so';

/** One move of each kind. Those that mean nothing in a state are left out where they are tried. */
export const moves: readonly Move[] = [
  { type: 'alarm' },
  { type: 'coolDown' },
  ...(['email', 'sms'] as const).flatMap((channel): Move[] => [
    { type: 'submitCode', channel, code: '123456', ...told },
    { type: 'resend', channel, ...told },
    { type: 'override', channel, ...told },
  ]),
  ...(['recheck', 'retry', 'pause', 'resume', 'cancel', 'recover'] as const).map((type): Move => ({ type, ...told })),
  { type: 'codeSent', to: null },
  ...(['sendAlreadyVerified', 'sendStopped', 'codeRight', 'codeAlreadyVerified', 'codeWrong'] as const).map(
    (type): Move => ({ type }),
  ),
  ...(['sendRefused', 'sendUnreached', 'sendRateLimited', 'sendCredentials', 'sendUnknown'] as const).map(
    (type): Move => ({ type, detail }),
  ),
  { type: 'codeNotJudged', detail, retryAfter: null },
  { type: 'codeUnknown', detail },
  ...(['open', 'verified'] as const).flatMap((email): Move[] =>
    (['open', 'verified'] as const).map((sms) => ({ type: 'recordRead', record: { email, sms } })),
  ),
  ...(['recordRefused', 'recordUnread', 'recordCredentials'] as const).map((type): Move => ({ type, detail })),
];

const delays = Object.keys(onboarding.implementations.delays);
const active = { status: 'active', output: undefined, error: undefined } as const;

/** Begins a walk. */
export function setOut(input: JourneyInput): Walk {
  return { ...active, ...begin(input), clock: input.at };
}

/** Makes a move; whatever is told takes a second. */
export function move(walk: Walk, next: Move): Walk {
  if (next.type === 'coolDown') return { ...walk, effects: [], clock: opensAt(walk) };
  if (next.type === 'alarm') {
    const clock = Math.max(walk.clock, alarmAt(walk.journey) ?? walk.clock);
    return { ...active, ...wake(walk.journey, clock), clock };
  }
  const clock = walk.clock + SECOND;
  return { ...active, ...advance(walk.journey, { ...next, at: clock }), clock };
}

/** Whether a move means anything here. */
function canMove({ journey, clock }: Walk, next: Move): boolean {
  if (next.type === 'alarm') return alarmAt(journey) !== undefined;
  if (next.type === 'coolDown') return opensAt({ journey }) > clock && journey.snapshot.status === 'active';
  return journey.snapshot.can({ ...next, at: clock + SECOND });
}

/** The journey as XState's graph functions want it. */
export const logic: ActorLogic<Walk, Move, JourneyInput> = {
  getInitialSnapshot: (_, input) => setOut(input),
  transition: move,
  getPersistedSnapshot: (walk) => walk,
};

/** Walks that XState's graph functions take for one place: what the machine's guards and delays can tell apart. */
export function landmark({ journey: { snapshot, timers }, clock }: Walk): string {
  const { context, value } = snapshot;
  const channel = currentChannel(context);
  const sends = countedSends(context, channel);
  const { onCode, onChannel } = context.guesses[channel];
  const stalledFor = context.stall?.reason;
  const at = JSON.stringify(value);
  return JSON.stringify([
    value,
    [
      context.evidence.email === 'operator' && !context.recordAgrees,
      context.evidence.email,
      context.evidence.sms !== null,
    ],
    [context.wish !== null, isLastTry(context.wish?.why), automaticResendAt(context, channel) !== undefined],
    [cooldownEndsAt(context, channel) > clock, sendLimitEndsAt(context, channel) > clock],
    [sends.filter((send) => send.at > clock - DAY).length, sends.length > 0, onCode, onChannel],
    [
      stalledFor === 'sendLimit',
      stalledFor !== undefined,
      healsWithTime(context),
      context.heldSince !== null,
      context.reminded[channel],
    ],
    [at.includes('paused') && context.resumeTo, at.includes('stopping') && context.afterStop],
    delays.filter((delay) => timers.some(({ event }) => event.includes(`.${delay}.`))),
  ]);
}

/** How XState's graph functions are to walk. */
export const ways = (input: JourneyInput) => ({
  input,
  events: moves,
  filterEvents: canMove,
  serializeState: landmark,
  limit: 200_000,
});

/** Every edge between the landmarks that can be reached from a beginning. */
export function edgesFrom(input: JourneyInput): Edge[] {
  const found = getAdjacencyMap(logic, ways(input));
  return adjacencyMapToArray(found).map(({ state, event, nextState }) => ({ from: state, move: event, to: nextState }));
}

/** The beginnings that differ to the machine. */
export function beginnings(policy: Policy = smallPolicy): JourneyInput[] {
  const start = { userId: 'ada', at: MORNING } as const;
  const individual = (more: Partial<Policy>): JourneyInput => ({
    ...start,
    accountType: 'individual',
    policy: { ...policy, ...more },
  });
  return [
    individual({}),
    individual({ firstEmail: 'alreadySent', smsStart: 'onRequest' }),
    { ...start, accountType: 'business', policy },
    { ...individual({}), restarted: again(policy, 'email') },
    { ...individual({}), restarted: again(policy, 'sms') },
  ];
}

/** What a journey carries on that had spent its guesses on one channel, and had just been sent a code on the other. */
function again({ guesses: { perCode, perChannel } }: Policy, spent: Channel): Restarted {
  const guesses = {
    email: noGuesses,
    sms: noGuesses,
    [spent]: { onCode: perCode, onChannel: perChannel, lastAt: MORNING },
  };
  const channel = spent === 'email' ? 'sms' : 'email';
  const sent = { number: 1, channel, at: MORNING, outcome: 'sent', why: 'first', reason: null, to: null } as const;
  return { by, reason: 'again', carried: { ledger: [sent], log: [], revision: 9, guesses } };
}

/** What a walk knows beside its place. */
export const contextOf = ({ journey }: Pick<Walk, 'journey'>): Context => journey.snapshot.context;

function opensAt(walk: Pick<Walk, 'journey'>): number {
  const context = contextOf(walk);
  return sendOpensAt(context, currentChannel(context));
}
