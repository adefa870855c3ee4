import { assign } from 'xstate';
import { adoptablePolicy } from '../../workflows/journey/policy/adoption.ts';
import { onboarding } from '../../workflows/journey/machine.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { applyEvent } from '../../workflows/journey/transition.ts';
import type { Machine } from '../../workflows/journey/transition.ts';
import { isFinal, positionOf, statusOf } from '../../workflows/journey/status/status.ts';
import { applyMoveVariants } from './apply-input.ts';
import type { Change } from './apply-input.ts';
import { NOW } from './canonical-state.ts';
import { movesAt } from './inputs.ts';
import { withTransitions } from './mutations.ts';
import { hasSoundGuesses, isWithinLimits, properties } from './properties.ts';
import type { Property } from './properties.ts';
import { addCalls, nameAt } from './state.ts';
import type { ExploredState } from './state.ts';
import { smallestPolicy } from './state-space.ts';
import type { Space } from './state-space.ts';

/** The policy of the journeys, and the one that they adopt: with fewer sends, with fewer guesses, and with more guesses. */
export const policyPairs: readonly { readonly own: Policy; readonly other: Policy }[] = [
  { own: { ...smallestPolicy, sends: { per10Minutes: 2, perDay: 2 } }, other: smallestPolicy },
  { own: { ...smallestPolicy, guesses: { perCode: 1, perChannel: 2 } }, other: smallestPolicy },
  { own: smallestPolicy, other: { ...smallestPolicy, guesses: { perCode: 2, perChannel: 2 } } },
];

const adopts = ({ move }: Change) => move.kind === 'command' && move.event.type === 'adoptPolicy';
const contextOf = ({ journey }: ExploredState) => journey.snapshot.context;
/** True for a state that has the step, also while it waits for the provider's record. */
const isIn = ({ journey }: ExploredState, step: string) => JSON.stringify(journey.snapshot.value).includes(`"${step}"`);

/** The channels for which an effect is requested. */
const channelsOf = ({ effects }: Change, type: 'send' | 'confirm') =>
  effects.flatMap((effect) => (effect.type === type && 'channel' in effect ? [effect.channel] : []));

/** Earlier sends and guesses may exceed the limits of the new policy. Then no more are requested. */
function onlyForNewRequests(property: Property): Property {
  switch (property.name) {
    case 'send limits':
      return {
        ...property,
        // A send that waits for the provider's record was decided before the adoption.
        concerns: (change) =>
          channelsOf(change, 'send').length > 0 &&
          !isIn(change.before, 'readingRecord') &&
          !isIn(change.before, 'readingForRecovery'),
        holds: (change) => channelsOf(change, 'send').every((channel) => isWithinLimits(change, channel)),
      };
    case 'guess limits':
      return {
        ...property,
        concerns: (change) => channelsOf(change, 'confirm').length > 0,
        holds: (change) =>
          channelsOf(change, 'confirm').every((channel) =>
            hasSoundGuesses(contextOf(change.after), channel, change.at),
          ),
      };
    case 'locked by checked guesses':
      return { ...property, concerns: ({ after }) => isIn(after, 'locked') };
    default:
      return property;
  }
}

/** The properties of an adoption, and of every transition after it. */
export const adoptionProperties: readonly Property[] = [
  ...properties.map(onlyForNewRequests),
  {
    name: 'usage is kept',
    statement: 'A journey that adopts a policy keeps its sends, its guesses and its evidence.',
    concerns: adopts,
    holds: ({ before, after }) =>
      (['ledger', 'guesses', 'evidence'] as const).every(
        (field) => contextOf(before)[field] === contextOf(after)[field],
      ),
  },
  {
    name: 'locked without guesses',
    statement:
      'A journey does not await a code if the new policy leaves its channel without guesses: it is locked, and an operator sees it.',
    concerns: ({ after }) => isIn(after, 'awaitingCode'),
    holds: ({ after }) => {
      const { guesses, policy, channel } = contextOf(after);
      return guesses[channel].onChannel < policy.guesses.perChannel;
    },
  },
  {
    name: 'no negative guesses',
    statement: '`guessesLeft` is never negative.',
    concerns: () => true,
    holds: ({ after }) => {
      const { email, sms } = statusOf(after.journey);
      return [email, sms].every((channel) => (channel?.guessesLeft ?? 0) >= 0);
    },
  },
];

/** The real machine with one guard, action or transition replaced, and the property that this has to break. */
export const adoptionMutations: readonly {
  readonly breaks: string;
  readonly what: string;
  readonly machine: Machine;
}[] = [
  {
    breaks: 'usage is kept',
    what: 'an adoption resets the guesses (`adoptPolicy`)',
    machine: onboarding.provide({
      actions: {
        adoptPolicy: assign(({ context }) => ({
          guesses: { ...context.guesses, email: { ...context.guesses.email, onChannel: 0 } },
        })),
      },
    }),
  },
  {
    breaks: 'one send at a time',
    what: 'an adoption repeats the send in flight (`sending`)',
    machine: withTransitions('emailPending.sending', {
      adoptPolicy: { target: 'sending', reenter: true, actions: 'adoptPolicy' },
    }),
  },
  {
    breaks: 'locked without guesses',
    what: 'used guesses lock no channel (`isLocked`)',
    machine: onboarding.provide({ guards: { isLocked: () => false } }),
  },
  {
    breaks: 'send limits',
    what: 'a due send ignores the new send limit (`isOverSendLimit`)',
    machine: onboarding.provide({ guards: { isOverSendLimit: () => false } }),
  },
];

const by = { role: 'operator', name: 'night' } as const;

function adopt(before: ExploredState, policy: Policy, machine?: Machine): Change {
  const event = { type: 'adoptPolicy', policy: adoptablePolicy(policy, false), by, reason: 'fraud' } as const;
  const { journey, effects } = applyEvent(before.journey, { ...event, at: NOW }, machine);
  const after = { journey, pending: addCalls(before.pending, effects) };
  return { before, move: { kind: 'command', event }, after, effects, at: NOW };
}

/** Every transition by which an open journey of a space adopts a policy, and every transition after it. */
export function* changesAfterAdoption(space: Space, policy: Policy, machine?: Machine): Generator<Change> {
  const states = new Map<string, ExploredState>();
  const arrive = ({ after }: Change) => {
    const { name, toState } = nameAt(after.journey, after.pending);
    if (!states.has(name)) states.set(name, toState(machine));
  };
  for (const { journey, pending } of space.states.values()) {
    if (isFinal(positionOf(journey.snapshot).state)) continue;
    const change = adopt(nameAt(journey, pending).toState(machine), policy, machine);
    yield change;
    arrive(change);
  }
  for (const from of states.values()) {
    for (const move of movesAt(from)) {
      for (const change of applyMoveVariants(from, move, machine)) {
        if (move.kind === 'command' && change.after.journey === from.journey) continue;
        yield change;
        arrive(change);
      }
    }
  }
}
