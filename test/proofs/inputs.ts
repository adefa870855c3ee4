import { getNextTransitions } from 'xstate';
import { moves as allMoves } from '../../client/docs/explore.ts';
import type { JourneyEvent } from '../../workflows/journey/events.ts';
import {
  cooldownEndsAt,
  countedSends,
  currentChannel,
  sendLimitEndsAt,
} from '../../workflows/journey/limits/limits.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import type { Journey } from '../../workflows/journey/transition.ts';
import { NOW, timeOf } from './canonical-state.ts';
import type { PendingCalls, ExploredState } from './state.ts';

type WithoutTime<E> = E extends JourneyEvent ? Omit<E, 'at'> : never;
export type UntimedEvent = WithoutTime<JourneyEvent>;

/** What a restart carries from the ended journey, and its setting. Sends of the last day are always carried. */
export interface RestartVariant {
  readonly smsStart: Policy['smsStart'];
  /** Who verifies the e-mail address at once: carried counters of the phone only matter then. */
  readonly emailBy: 'none' | 'provider' | 'operator';
  readonly oldSends: boolean;
  readonly guesses: boolean;
}

/** What can happen in a state. */
export type Move =
  | { readonly kind: 'command' | 'answer'; readonly event: UntimedEvent }
  /** A delay of the machine comes due. */
  | { readonly kind: 'alarm'; readonly id: string }
  /** The nth send, or the e-mail that the provider sent at the start, reaches the next age that a limit distinguishes. */
  | { readonly kind: 'time'; readonly send: number | 'start' }
  /** The guesses with an unknown outcome become older than a day. */
  | { readonly kind: 'time'; readonly send: 'guesses' }
  | { readonly kind: 'restart'; readonly variant: RestartVariant };

const events = allMoves.filter(({ type }) => type !== 'alarm' && type !== 'coolDown') as readonly UntimedEvent[];
/** Every command and reply. */
export const eventMoves = events.map((event) => ({ kind: 'by' in event ? 'command' : 'answer', event }) as const);

/** Everything that can happen in a state, without the commands that it does not handle. */
export function movesAt({ journey, pending }: ExploredState): readonly Move[] {
  if (journey.snapshot.status === 'done') return journey.snapshot.value === 'done' ? [] : restartMoves(journey);
  const known = typesAt(journey.snapshot);
  return [
    ...eventMoves.filter(({ kind, event: { type } }) =>
      kind === 'command' ? known.has(type) : mayCome(type, pending),
    ),
    ...journey.timers
      .filter(({ event }) => canFire(journey, event.type))
      .map(({ id }) => ({ kind: 'alarm', id }) as const),
    ...agingMoves(journey),
  ];
}

/** Whether a reply of this type may arrive. */
export function mayCome(type: string, { sends, confirms, reads, stopping }: PendingCalls): boolean {
  if (type === 'send.stopped') return sends > 0 && stopping;
  if (type.startsWith('send.')) return sends > 0;
  return type.startsWith('record.') ? reads > 0 : confirms > 0;
}

const typesOf = new WeakMap<object, Map<string, ReadonlySet<string>>>();
/** The types of the events that a state handles. */
function typesAt(snapshot: Journey['snapshot']): ReadonlySet<string> {
  const { machine, value } = snapshot;
  const byValue = typesOf.get(machine) ?? new Map<string, ReadonlySet<string>>();
  typesOf.set(machine, byValue);
  const at = JSON.stringify(value);
  const types = byValue.get(at) ?? new Set(getNextTransitions(snapshot).map(({ eventType }) => eventType));
  byValue.set(at, types);
  return types;
}

/** The delays of a limit end with the limit; every other delay may end at any time. */
function canFire({ snapshot: { context } }: Journey, event: string): boolean {
  const channel = currentChannel(context);
  if (event.includes('.cooldown.')) return cooldownEndsAt(context, channel) <= NOW;
  return !event.includes('.sendLimit.') || sendLimitEndsAt(context, channel) <= NOW;
}

/** No send becomes older than the send before it. */
function agingMoves({ snapshot: { context } }: Journey): Move[] {
  const sends = countedSends(context, currentChannel(context));
  const mayAge = sends.filter(
    ({ at }, nth) => at > timeOf.older && (nth === 0 || older(at) >= (sends[nth - 1]?.at ?? 0)),
  );
  return [
    ...mayAge.map((send) => ({ kind: 'time', send: sends.indexOf(send) }) as const),
    ...(context.guesses[currentChannel(context)].unknown.lastAt === NOW
      ? [{ kind: 'time', send: 'guesses' } as const]
      : []),
    ...(context.startedAt === NOW ? [{ kind: 'time', send: 'start' } as const] : []),
  ];
}

/** The time of the age after this one. */
export function older(at: number): number {
  const times = Object.values(timeOf);
  return times[times.indexOf(at) + 1] ?? timeOf.older;
}

const either = [true, false] as const;
function restartMoves({ snapshot: { context } }: Journey): Move[] {
  const channel = currentChannel(context);
  const hasOld = context.ledger.some(({ at }) => at === timeOf.older);
  const { onChannel, unknown } = context.guesses[channel];
  const hasGuessed = onChannel + unknown.onCode + unknown.onChannel > 0;
  const verifiers = channel === 'sms' ? (['provider', 'operator'] as const) : (['none'] as const);
  return (['automatic', 'onRequest'] as const)
    .flatMap((smsStart) => verifiers.map((emailBy) => ({ smsStart, emailBy })))
    .flatMap((setting) => either.flatMap((oldSends) => either.map((guesses) => ({ ...setting, oldSends, guesses }))))
    .filter(({ oldSends, guesses }) => (oldSends || hasOld) && (guesses || hasGuessed))
    .map((variant) => ({ kind: 'restart', variant }));
}
