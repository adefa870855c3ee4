import { getAdjacencyMap, adjacencyMapToArray } from 'xstate/graph';
import type { ActorLogic, Snapshot as AnySnapshot } from 'xstate';
import type { Channel, UserRecord } from '../../activities/contract.ts';
import { channels, forEachChannel } from '../../workflows/journey/channels.ts';
import { commandFacts, commandTypes } from '../../workflows/journey/commands.ts';
import type { CommandType } from '../../workflows/journey/commands.ts';
import { noGuesses } from '../../workflows/journey/context.ts';
import type { JourneyContext, JourneyInput, RestartOrigin } from '../../workflows/journey/context.ts';
import { delayNames } from '../../workflows/journey/events.ts';
import type { Command, JourneyEvent } from '../../workflows/journey/events.ts';
import type { Reply } from '../../workflows/journey/replies.ts';
import { factsOf, namedReplies } from '../../workflows/journey/replies.ts';
import type { ReplyFields, ReplyType } from '../../workflows/journey/replies.ts';
import {
  automaticResendAt,
  cooldownEndsAt,
  countedSends,
  currentChannel,
  endOfQuietHours,
  hasLeft,
  isLastAttempt,
} from '../../workflows/journey/limits/limits.ts';
import { isRecoverable, isUnknownUser, sendLimitEndsAt, sendOpensAt } from '../../workflows/journey/limits/limits.ts';
import { DAY, defaultPolicy, HOUR, SECOND } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { applyEvent, nextDueAt, startJourney, fireDueTimers } from '../../workflows/journey/transition.ts';
import type { Effect, Journey } from '../../workflows/journey/transition.ts';

type UntimedEvent<E> = E extends JourneyEvent ? Omit<E, 'at'> : never;

/** What can happen next: a command or reply arrives, the timer fires, or time passes until a send is allowed again. */
export type Move = UntimedEvent<Command | Reply> | { readonly type: 'alarm' } | { readonly type: 'coolDown' };

/** A journey during the exploration, with a clock, which the machine does not have. */
export type Exploration = AnySnapshot<undefined> & {
  readonly journey: Journey;
  readonly effects: readonly Effect[];
  readonly clock: number;
};

/** One move from a journey to the next. */
export interface Edge {
  readonly from: Exploration;
  readonly move: Move;
  readonly to: Exploration;
}

/** Limits small enough that a short exploration reaches each of them. */
const smallPolicy: Policy = {
  ...defaultPolicy,
  cooldowns: [30 * SECOND],
  sends: { per10Minutes: 2, perDay: 2 },
  guesses: { perCode: 1, perChannel: 2 },
  automaticSends: { notAfter: 365 * DAY, quietHours: null },
};

const smallest = { sends: { per10Minutes: 1, perDay: 1 }, guesses: { perCode: 1, perChannel: 1 } };

/** Start time of explorations. */
const MORNING = Date.UTC(2026, 0, 5, 9);

/** Quiet hours that begin six minutes after the start. */
const quietSends: Policy['automaticSends'] = {
  notAfter: 365 * DAY,
  quietHours: { from: 9 * 60 + 6, to: 10 * 60, offsets: [{ from: 0, minutes: 0 }] },
};

const by = { role: 'operator', name: 'night' } as const;
const request = { by, reason: null };
const detail = 'detail';

const noRecord: UserRecord = forEachChannel(() => null);

/** One move of each kind. `canMove` filters those without effect in a state. */
export const moves: readonly Move[] = [
  { type: 'alarm' },
  { type: 'coolDown' },
  ...channels.flatMap((channel) => commandsWith('channel').map((type) => commandOf(type, { channel }))),
  ...commandsWith('none').map((type) => commandOf(type)),
  { type: 'recover', ...request },
  ...namedReplies.flatMap(repliesOf),
];

function commandsWith(argument: 'channel' | 'none'): CommandType[] {
  return commandTypes.filter((type) => (commandFacts(type).channel === 'none') === (argument === 'none'));
}

function commandOf(type: CommandType, more: { readonly channel?: Channel } = {}): Move {
  return { type, ...more, ...(type === 'submitCode' && { code: '123456' }), ...request } as Move;
}

/** The replies of a type: one, or one for each record that differs for the machine. */
function repliesOf(type: ReplyType): Move[] {
  const fields: readonly (keyof ReplyFields)[] = factsOf(type).fields;
  const statuses = ['open', 'verified'] as const;
  const records = channels.reduce<UserRecord[]>(
    (found, channel) => found.flatMap((record) => statuses.map((status) => ({ ...record, [channel]: status }))),
    [noRecord],
  );
  return (type === 'record.read' ? [...records, noRecord] : [noRecord]).map((record) => {
    const values: ReplyFields = {
      detail,
      to: null,
      retryAfter: null,
      record,
      until: MORNING + HOUR,
    };
    return { type, ...Object.fromEntries(fields.map((field) => [field, values[field]])) } as Move;
  });
}

const active = { status: 'active', output: undefined, error: undefined } as const;

/** Starts an exploration. */
export function startExploration(input: JourneyInput): Exploration {
  return { ...active, ...startJourney(input), clock: input.at };
}

/** Makes a move. A command or reply takes one second. */
export function move(walk: Exploration, next: Move): Exploration {
  if (next.type === 'coolDown') return { ...walk, effects: [], clock: opensAt(walk) };
  if (next.type === 'alarm') {
    const clock = Math.max(walk.clock, nextDueAt(walk.journey) ?? walk.clock);
    return { ...active, ...fireDueTimers(walk.journey, clock), clock };
  }
  const clock = walk.clock + SECOND;
  return { ...active, ...applyEvent(walk.journey, { ...next, at: clock }), clock };
}

/** Whether a move has an effect in this state. */
function canMove({ journey, clock }: Exploration, next: Move): boolean {
  if (next.type === 'alarm') return nextDueAt(journey) !== undefined;
  if (next.type === 'coolDown') return opensAt({ journey }) > clock && journey.snapshot.status === 'active';
  return journey.snapshot.can({ ...next, at: clock + SECOND });
}

/** Actor logic for XState's graph functions. */
export const logic: ActorLogic<Exploration, Move, JourneyInput> = {
  getInitialSnapshot: (_, input) => startExploration(input),
  transition: move,
  getPersistedSnapshot: (walk) => walk,
};

const earliest = (timers: Journey['timers']) =>
  timers.reduce<Journey['timers'][number] | undefined>(
    (first, timer) => (first === undefined || timer.dueAt < first.dueAt ? timer : first),
    undefined,
  )?.event.type;

/** Serializes what the machine's guards and delays read. XState's graph functions treat journeys with the same result as one state. */
export function serializeExploration({
  journey: { snapshot, timers },
  clock,
}: Pick<Exploration, 'clock'> & { readonly journey: Pick<Journey, 'snapshot' | 'timers'> }): string {
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
    [
      context.openSend !== null,
      isLastAttempt(context.openSend?.why),
      automaticResendAt(context, channel) !== undefined,
      // A 503 is retried before the reminder, another unknown outcome after it.
      earliest(timers),
    ],
    [cooldownEndsAt(context, channel) > clock, sendLimitEndsAt(context, channel) > clock],
    [sends.filter((send) => send.at > clock - DAY).length, sends.length > 0, onCode, onChannel],
    [
      stalledFor === 'sendLimit',
      stalledFor === 'sendBudget',
      stalledFor !== undefined,
      isRecoverable(context),
      isUnknownUser(context),
      context.expirySuspendedSince !== null,
      context.reminded[channel],
    ],
    [hasLeft(context, clock), context.offeredSince !== null, isQuietThen(context, automaticResendAt(context, channel))],
    [at.includes('paused') && context.resumeTo, at.includes('stopping') && context.afterStop],
    delayNames.filter((delay) => timers.some(({ event }) => event.type.includes(`.${delay}.`))),
  ]);
}

const isQuietThen = (context: JourneyContext, at: number | undefined) =>
  at !== undefined && endOfQuietHours(context, at) > at;

/** Returns the options for XState's graph functions. */
export const explorationOptions = (input: JourneyInput) => ({
  input,
  events: moves,
  filterEvents: canMove,
  serializeState: serializeExploration,
  limit: 200_000,
});

/** Returns every edge that is reachable from an input. */
export function edgesFrom(input: JourneyInput): Edge[] {
  const found = getAdjacencyMap(logic, explorationOptions(input));
  return adjacencyMapToArray(found).map(({ state, event, nextState }) => ({ from: state, move: event, to: nextState }));
}

/** Returns inputs that differ for the machine. */
export function initialInputs(policy: Policy = smallPolicy): JourneyInput[] {
  const start = { userId: 'ada', at: MORNING } as const;
  const individual = (more: Partial<Policy>): JourneyInput => ({
    ...start,
    accountType: 'individual',
    policy: { ...policy, ...more },
  });
  return [
    individual({}),
    // The reminder comes before the resend that follows an unknown outcome.
    individual({ firstEmail: 'alreadySent', smsStart: 'onRequest', reminderAfter: policy.codeLife / 2 }),
    { ...start, accountType: 'business', policy },
    // The user leaves, or an automatic send is due in quiet hours. Both have the smallest limits: they multiply what can happen.
    individual({ ...smallest, automaticSends: defaultPolicy.automaticSends }),
    individual({ ...smallest, automaticSends: quietSends }),
    { ...individual({}), restarted: again(policy, 'email') },
    { ...individual({}), restarted: again(policy, 'sms') },
  ];
}

/** Returns the data carried over from a journey that has no guesses left on one channel and was just sent a code on the other. */
function again({ guesses: { perCode, perChannel } }: Policy, exhausted: Channel): RestartOrigin {
  const guesses = {
    ...forEachChannel(() => noGuesses),
    [exhausted]: { onCode: perCode, onChannel: perChannel, lastAt: MORNING, unknown: noGuesses.unknown },
  };
  const channel = exhausted === 'email' ? 'sms' : 'email';
  const sent = { number: 1, channel, at: MORNING, outcome: 'sent', why: 'first', reason: null, to: null } as const;
  return { by, reason: 'again', carried: { ledger: [sent], log: [], revision: 9, guesses } };
}

/** Returns the context of the machine. */
export const contextOf = ({ journey }: Pick<Exploration, 'journey'>): JourneyContext => journey.snapshot.context;

function opensAt(walk: Pick<Exploration, 'journey'>): number {
  const context = contextOf(walk);
  return sendOpensAt(context, currentChannel(context));
}
