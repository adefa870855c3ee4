import { assign, createMachine } from 'xstate';
import * as limits from '../../workflows/limits.ts';
import { onboarding } from '../../workflows/machine.ts';
import type { Machine } from '../../workflows/step.ts';

/** The real machine with one thing in it replaced, and the promise that this is to break. */
export interface Mutation {
  readonly breaks: string;
  /** What is replaced, in plain words. */
  readonly what: string;
  readonly machine: Machine;
}

const { currentChannel } = limits;

/** One or more for every promise. */
export const mutations: readonly Mutation[] = [
  {
    breaks: 'e-mail first',
    what: 'any record of the provider passes for one that says verified (`recordSaysVerified`)',
    machine: onboarding.provide({ guards: { recordSaysVerified: ({ event }) => event.type === 'recordRead' } }),
  },
  {
    breaks: 'e-mail first',
    what: 'a right code leaves no evidence (`verifyByCode`)',
    machine: onboarding.provide({ actions: { verifyByCode: assign(() => ({})) } }),
  },
  {
    breaks: 'agreed first',
    what: 'the record is never needed (`needsTheRecord`)',
    machine: onboarding.provide({ guards: { needsTheRecord: () => false } }),
  },
  {
    breaks: 'send limits',
    what: 'a send that is due does not look at the limit (`isOverSendLimit`)',
    machine: onboarding.provide({ guards: { isOverSendLimit: () => false } }),
  },
  {
    breaks: 'send limits',
    what: 'recovery does not look at the clock (`mayRecover`)',
    machine: onboarding.provide({ guards: { mayRecover: ({ context }) => limits.healsWithTime(context) } }),
  },
  {
    breaks: 'cool-down',
    what: 'a send that is due does not wait (`isCoolingDown`)',
    machine: onboarding.provide({ guards: { isCoolingDown: () => false } }),
  },
  {
    breaks: 'verified is verified',
    what: 'resuming always goes back to the send (`resumesTo`)',
    machine: onboarding.provide({ guards: { resumesTo: () => false } }),
  },
  {
    breaks: 'one send',
    what: 'a pause does not wait for the send in flight (`sending.asking`)',
    machine: rewired('emailPending.sending.asking', { pause: '#email.paused' }),
  },
  {
    breaks: 'counted first',
    what: 'a guess is not counted (`countGuess`)',
    machine: onboarding.provide({ actions: { countGuess: assign(() => ({})) } }),
  },
  {
    breaks: 'guess limits',
    what: 'a guess is taken while a code is out, however many there were (`mayGuess`)',
    machine: onboarding.provide({
      guards: { mayGuess: ({ context }) => limits.codeIsOut(context, currentChannel(context)) },
    }),
  },
  {
    breaks: 'heard',
    what: 'a send that was stopped is not listened for (`sending.stopping`)',
    machine: rewired('emailPending.sending.stopping', { sendStopped: undefined }),
  },
  {
    breaks: 'life stands still',
    what: 'life is not held (`holdLife`)',
    machine: onboarding.provide({ actions: { holdLife: assign(() => ({})) } }),
  },
  {
    breaks: 'done in reach',
    what: 'a pause of the phone cannot be resumed (`paused`)',
    machine: rewired('smsPending.paused', { resume: undefined }),
  },
  {
    breaks: 'cancelled in reach',
    what: 'no code is awaited from recovery, nor anything else (`stalled.trying.asking`)',
    machine: rewired('emailPending.stalled.trying.asking', undefined),
  },
];

interface Config {
  readonly on?: object | undefined;
  readonly states?: { readonly [name: string]: Config };
}

/** The machine with other transitions on the events of one state; without any, where none are given. */
function rewired(path: string, on: object | undefined): Machine {
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
