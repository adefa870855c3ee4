import * as restate from '@restatedev/restate-sdk';
import { xstate } from '@restatedev/xstate';
import { fromPromise } from '@restatedev/xstate/promise';
import { assign, setup } from 'xstate';
import { confirm, send } from './provider.js';

/** The journey as an XState machine that Restate stores. A caller submits a code, and waits for the tag of the state that a correct code leads to. */

const pending = (channel, next) => ({
  initial: 'sending',
  states: {
    sending: {
      invoke: {
        src: 'send',
        input: ({ context: { userId } }) => ({ userId, channel }),
        onDone: [{ guard: ({ event }) => event.output.verified, target: next }, { target: 'awaitingCode' }],
      },
    },
    awaitingCode: {
      on: {
        submitCode: {
          guard: ({ event }) => event.channel === channel,
          target: 'checkingCode',
          actions: assign({ code: ({ event }) => event.code }),
        },
      },
    },
    checkingCode: {
      invoke: {
        src: 'confirm',
        input: ({ context: { userId, code } }) => ({ userId, channel, code }),
        onDone: [{ guard: ({ event }) => event.output.correct, target: next }, { target: 'awaitingCode' }],
      },
    },
  },
});

const machine = setup({
  actors: {
    send: fromPromise(({ input }) => send(input.userId, input.channel), { retry: true }),
    confirm: fromPromise(({ input }) => confirm(input.userId, input.channel, input.code), { retry: true }),
  },
}).createMachine({
  id: 'onboarding',
  context: ({ input }) => ({ userId: input.userId, code: null }),
  initial: 'emailPending',
  states: {
    emailPending: pending('email', '#onboarding.smsPending'),
    smsPending: { ...pending('sms', '#onboarding.done'), tags: 'email' },
    done: { type: 'final', tags: ['email', 'sms'] },
  },
});

export const serve = (port) => restate.serve({ services: [xstate('onboarding', machine)], port });
