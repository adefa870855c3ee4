import { workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { assign, setup } from 'xstate';
import {
  defineModel,
  effect,
  objectOf,
  parseFlag,
  parseNumber,
  parseText,
  setupWorkflow,
} from '../../workflows/engine/index.ts';
import { paymentQueue } from './order-contract.ts';
import type { OrderStart, PaymentActivities } from './order-contract.ts';

/** Version 1 of the order: it has the state `waiting` instead of `awaiting`, and no comments. */

const effects = { reserve: effect<{ readonly amount: number }>() };

const machine = setup({
  types: {
    context: {} as OrderStart & { readonly at: number; readonly isReserved: boolean; readonly touches: number },
    input: {} as OrderStart & { readonly at: number },
    events: {} as { readonly at: number } & (
      { readonly type: 'payment.reserved' } | { readonly type: 'payment.refused' } | { readonly type: 'touch' }
    ),
  },
  actions: {
    ...effects,
    rememberReserved: assign({ isReserved: true }),
    touch: assign(({ context }) => ({ touches: context.touches + 1 })),
  },
  delays: { approveWithin: ({ context }) => context.approveWithin },
}).createMachine({
  id: 'order',
  context: ({ input }) => ({ ...input, isReserved: false, touches: 0 }),
  initial: 'open',
  on: { touch: { actions: 'touch' } },
  states: {
    open: {
      type: 'parallel',
      meta: { searchAttributes: { state: 'open' } },
      states: {
        payment: {
          initial: 'reserving',
          states: {
            reserving: {
              entry: { type: 'reserve', params: ({ context }) => ({ amount: context.amount }) },
              on: { 'payment.reserved': { target: 'reserved', actions: 'rememberReserved' } },
            },
            reserved: { type: 'final' },
          },
        },
        approval: {
          initial: 'waiting',
          states: { waiting: { after: { approveWithin: 'late' } }, late: {} },
        },
      },
    },
  },
});

export const order = setupWorkflow({
  model: defineModel({ machine, effects }),
  types: { activities: {} as PaymentActivities },
}).createWorkflow({
  parseStart: (body) =>
    objectOf({ orderId: parseText, amount: parseNumber, approveWithin: parseNumber })(body, 'order'),
  input: (start, at) => ({ ...start, at }),
  perform: {
    reserve: {
      activity: 'reserve',
      request: ({ amount }, { orderId }) => ({ orderId, amount }),
      options: () => ({ startToCloseTimeout: 5_000, taskQueue: paymentQueue(workflowInfo().taskQueue) }),
      parseResult: objectOf({ reserved: parseFlag, reason: parseText }),
      onResult: () => ({ type: 'payment.reserved' }),
      onFailure: () => ({ type: 'payment.refused' }),
    },
  },
  updates: {
    touch: {
      parse: parseText,
      event: () => ({ type: 'touch' }),
      result: ({ state }) => state.snapshot.context.touches,
    },
  },
  searchAttributes: { keys: { state: defineSearchAttributeKey('OnboardingState', 'KEYWORD') } },
  queries: { order: ({ state }) => ({ value: state.snapshot.value, timers: state.timers }) },
});
