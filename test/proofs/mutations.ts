import { assign, createMachine } from 'xstate';
import * as limits from '../../workflows/journey/limits/limits.ts';
import { onboarding } from '../../workflows/journey/machine.ts';
import type { Machine } from '../../workflows/journey/transition.ts';

/** The real machine with one guard, action or transition replaced, and the property that this has to break. */
export interface Mutation {
  readonly breaks: string;
  /** The replaced rule, in plain words. */
  readonly what: string;
  readonly machine: Machine;
}

const { currentChannel } = limits;

/** At least one for every property. */
export const mutations: readonly Mutation[] = [
  {
    breaks: 'e-mail before SMS',
    what: 'any record of the provider counts as verified (`recordSaysVerified`, `isDue`)',
    machine: onboarding.provide({
      guards: { recordSaysVerified: ({ event }) => event.type === 'record.read', isDue: () => true },
    }),
  },
  {
    breaks: 'e-mail before SMS',
    what: 'a correct code leaves no evidence, and none is required (`verifyByCode`, `isDue`)',
    machine: onboarding.provide({ actions: { verifyByCode: assign(() => ({})) }, guards: { isDue: () => true } }),
  },
  {
    breaks: 'record before SMS',
    what: 'the record is never read before an SMS (`needsUserRecord`)',
    machine: onboarding.provide({ guards: { needsUserRecord: () => false } }),
  },
  {
    breaks: 'send limits',
    what: 'a due send ignores the send limit (`isOverSendLimit`)',
    machine: onboarding.provide({ guards: { isOverSendLimit: () => false } }),
  },
  {
    breaks: 'send limits',
    what: 'recovery ignores the time of the last send (`canRecover`)',
    machine: onboarding.provide({ guards: { canRecover: ({ context }) => limits.isForRecovery(context) } }),
  },
  {
    breaks: 'cool-down',
    what: 'a due send ignores the cool-down (`isCoolingDown`)',
    machine: onboarding.provide({ guards: { isCoolingDown: () => false } }),
  },
  {
    breaks: 'automatic sends',
    what: 'an automatic send ignores the time (`maySendAutomatically`)',
    machine: onboarding.provide({ guards: { maySendAutomatically: () => true } }),
  },
  {
    breaks: 'automatic sends',
    what: 'the first SMS ignores that its user has left (`hasLeft`)',
    machine: onboarding.provide({ guards: { hasLeft: () => false } }),
  },
  {
    breaks: 'no send to a verified channel',
    what: 'resuming always returns to the send (`resumesTo`)',
    machine: onboarding.provide({ guards: { resumesTo: () => false } }),
  },
  {
    breaks: 'one send at a time',
    what: 'a pause does not wait for the send in flight (`sending`)',
    machine: withTransitions('emailPending.sending', { pause: 'paused' }),
  },
  {
    breaks: 'guess counted first',
    what: 'a guess is not counted (`countGuess`)',
    machine: onboarding.provide({ actions: { countGuess: assign(() => ({})) } }),
  },
  {
    breaks: 'guess limits',
    what: 'guesses are accepted without a limit while a code has been sent (`canSubmitCode`)',
    machine: onboarding.provide({
      guards: { canSubmitCode: ({ context }) => limits.hasCodeBeenSent(context, currentChannel(context)) },
    }),
  },
  {
    breaks: 'locked by checked guesses',
    what: 'guesses with an unknown outcome lock a channel as well (`isLocked`)',
    machine: onboarding.provide({
      guards: {
        isLocked: ({ context }) => {
          const { onChannel, unknown } = context.guesses[currentChannel(context)];
          return onChannel + unknown.onChannel >= context.policy.guesses.perChannel;
        },
      },
    }),
  },
  {
    breaks: 'every reply is handled',
    what: 'the reply to a stopped send is not handled (`stopping`)',
    machine: withTransitions('emailPending.stopping', { 'send.stopped': undefined }),
  },
  {
    breaks: 'expiry is suspended',
    what: 'the expiry is not suspended (`suspendExpiry`)',
    machine: onboarding.provide({ actions: { suspendExpiry: assign(() => ({})) } }),
  },
  {
    breaks: '`done` is reachable',
    what: 'a journey that was paused in `smsPending` cannot be resumed (`paused`)',
    machine: withTransitions('smsPending.paused', { resume: undefined }),
  },
  {
    breaks: '`cancelled` is reachable',
    what: 'a recovery attempt handles no event (`recovering`)',
    machine: withTransitions('emailPending.recovering', undefined),
  },
];

interface Config {
  readonly on?: object | undefined;
  readonly states?: { readonly [name: string]: Config };
}

/** The machine with other transitions in one state; without any if `on` is `undefined`. */
export function withTransitions(path: string, on: object | undefined): Machine {
  const [...names] = path.split('.');
  const change = (config: Config, [name, ...rest]: readonly string[]): Config => {
    if (name === undefined) return { ...config, on: on && { ...config.on, ...on } };
    const inner = config.states?.[name];
    if (inner === undefined) throw new Error(`the machine has no state ${path}`);
    return { ...config, states: { ...config.states, [name]: change(inner, rest) } };
  };
  const config = change(onboarding.config as Config, names);
  return createMachine(config as never, onboarding.implementations as never) as unknown as Machine;
}
