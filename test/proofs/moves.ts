import { getNextTransitions } from 'xstate';
import { moves as told } from '../../client/diagram/walk.ts';
import type { JourneyEvent } from '../../workflows/events.ts';
import { cooldownEndsAt, countedSends, currentChannel, sendLimitEndsAt } from '../../workflows/limits.ts';
import type { Policy } from '../../workflows/policy.ts';
import type { Journey } from '../../workflows/step.ts';
import { NOW, timeOf } from './canonical.ts';
import type { Asked, Place } from './place.ts';

type Untimed<E> = E extends JourneyEvent ? Omit<E, 'at'> : never;
/** What can be told, without its time. */
export type Told = Untimed<JourneyEvent>;

/** What an ended journey leaves to the next. What is younger than a day is carried, counted from its end. */
export interface Carrying {
  readonly smsStart: Policy['smsStart'];
  /** Who says at once that the e-mail is verified: what is carried for a phone only matters then. */
  readonly emailBy: 'none' | 'provider' | 'operator';
  readonly oldSends: boolean;
  readonly guesses: boolean;
}

/** What can happen at a place. */
export type Move =
  | { readonly kind: 'command' | 'answer'; readonly event: Told }
  /** A delay of the machine comes due. */
  | { readonly kind: 'alarm'; readonly id: string }
  /** The nth send, or what the provider mailed at the start, becomes older than a limit asks. */
  | { readonly kind: 'time'; readonly send: number | 'start' }
  | { readonly kind: 'restart'; readonly carrying: Carrying };

const events = told.filter(({ type }) => type !== 'alarm' && type !== 'coolDown') as readonly Told[];
/** Whatever can be told a journey. */
export const toldMoves = events.map((event) => ({ kind: 'by' in event ? 'command' : 'answer', event }) as const);

/** Everything that can happen at a place. Commands that its state does not know are left out. */
export function movesAt({ journey, asked }: Place): readonly Move[] {
  if (journey.snapshot.status === 'done') return journey.snapshot.value === 'done' ? [] : restarts(journey);
  const known = typesAt(journey.snapshot);
  return [
    ...toldMoves.filter(({ kind, event: { type } }) => (kind === 'command' ? known.has(type) : mayCome(type, asked))),
    ...journey.timers.filter(({ event }) => isRipe(journey, event)).map(({ id }) => ({ kind: 'alarm', id }) as const),
    ...agings(journey),
  ];
}

/** Whether an answer of this type may come. */
export function mayCome(type: string, { sends, confirms, reads, stopping }: Asked): boolean {
  if (type === 'sendStopped') return sends > 0 && stopping;
  if (type.startsWith('send') || type === 'codeSent') return sends > 0;
  return type.startsWith('record') ? reads > 0 : confirms > 0;
}

const typesOf = new WeakMap<object, Map<string, ReadonlySet<string>>>();
/** What the state of a machine knows. */
function typesAt(snapshot: Journey['snapshot']): ReadonlySet<string> {
  const { machine, value } = snapshot;
  const byValue = typesOf.get(machine) ?? new Map<string, ReadonlySet<string>>();
  typesOf.set(machine, byValue);
  const at = JSON.stringify(value);
  const types = byValue.get(at) ?? new Set(getNextTransitions(snapshot).map(({ eventType }) => eventType));
  byValue.set(at, types);
  return types;
}

/** Two delays stand for the end of a limit, and are over when it is; every other one may be over at any time. */
function isRipe({ snapshot: { context } }: Journey, event: string): boolean {
  const channel = currentChannel(context);
  if (event.includes('.cooldown.')) return cooldownEndsAt(context, channel) <= NOW;
  return !event.includes('.sendLimit.') || sendLimitEndsAt(context, channel) <= NOW;
}

/** No send becomes older than the one before it. */
function agings({ snapshot: { context } }: Journey): Move[] {
  const sends = countedSends(context, currentChannel(context));
  const mayAge = sends.filter(
    ({ at }, nth) => at > timeOf.older && (nth === 0 || older(at) >= (sends[nth - 1]?.at ?? 0)),
  );
  return [
    ...mayAge.map((send) => ({ kind: 'time', send: sends.indexOf(send) }) as const),
    ...(context.startedAt === NOW ? [{ kind: 'time', send: 'start' } as const] : []),
  ];
}

/** The next age of what has this one. */
export function older(at: number): number {
  const times = Object.values(timeOf);
  return times[times.indexOf(at) + 1] ?? timeOf.older;
}

const either = [true, false] as const;
function restarts({ snapshot: { context } }: Journey): Move[] {
  const channel = currentChannel(context);
  const hasOld = context.ledger.some(({ at }) => at === timeOf.older);
  const hasGuessed = context.guesses[channel].onChannel > 0;
  const words = channel === 'sms' ? (['provider', 'operator'] as const) : (['none'] as const);
  return (['automatic', 'onRequest'] as const)
    .flatMap((smsStart) => words.map((emailBy) => ({ smsStart, emailBy })))
    .flatMap((ways) => either.flatMap((oldSends) => either.map((guesses) => ({ ...ways, oldSends, guesses }))))
    .filter(({ oldSends, guesses }) => (oldSends || hasOld) && (guesses || hasGuessed))
    .map((carrying) => ({ kind: 'restart', carrying }));
}
