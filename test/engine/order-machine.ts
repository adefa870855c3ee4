import { assign, setup } from 'xstate';
import { effect } from '../../workflows/engine/core/effects.ts';
import { defineModel } from '../../workflows/engine/core/model.ts';

/** An order that must be approved before a deadline while the payment is reserved in parallel. Releases the reservation if the order is not charged. */

export interface OrderInput {
  readonly orderId: string;
  readonly amount: number;
  /** Milliseconds. */
  readonly approveWithin: number;
  readonly at: number;
}

interface Context extends OrderInput {
  readonly isReserved: boolean;
  readonly comments: readonly string[];
}

interface WithTime {
  readonly at: number;
}

export type OrderEvent = WithTime &
  (
    | { readonly type: 'approve'; readonly by: string }
    | { readonly type: 'reject'; readonly by: string }
    | { readonly type: 'comment'; readonly text: string }
    | { readonly type: 'payment.reserved' }
    | { readonly type: 'payment.refused'; readonly reason: string }
    | { readonly type: 'payment.stopped' }
    | { readonly type: 'payment.unknown' }
    | { readonly type: 'payment.charged' }
    | { readonly type: 'payment.released' }
  );

export const effects = {
  reserve: effect<{ readonly amount: number }>(),
  stopReserve: effect(),
  charge: effect<{ readonly amount: number }>(),
  release: effect<{ readonly amount: number }>(),
};

const amount = ({ context }: { readonly context: Context }) => ({ amount: context.amount });

const parts = setup({
  types: {
    context: {} as Context,
    input: {} as OrderInput,
    events: {} as OrderEvent,
    tags: {} as 'busy',
    meta: {} as { readonly searchAttributes: { readonly state: string } },
  },
  actions: {
    ...effects,
    rememberReserved: assign({ isReserved: true }),
    addComment: assign(({ context, event }) =>
      event.type === 'comment' ? { comments: [...context.comments, event.text] } : {},
    ),
  },
  guards: { isReserved: ({ context }) => context.isReserved },
  delays: { approveWithin: ({ context }) => context.approveWithin },
});

export const orderMachine = parts.createMachine({
  id: 'order',
  version: '2',
  context: ({ input }) => ({ ...input, isReserved: false, comments: [] }),
  initial: 'open',
  on: { comment: { actions: 'addComment' } },
  states: {
    open: {
      type: 'parallel',
      meta: { searchAttributes: { state: 'open' } },
      onDone: 'charging',
      states: {
        payment: {
          initial: 'reserving',
          states: {
            reserving: {
              entry: { type: 'reserve', params: amount },
              on: {
                'payment.reserved': { target: 'reserved', actions: 'rememberReserved' },
                'payment.*': '#rejected',
              },
            },
            reserved: { type: 'final' },
          },
        },
        approval: {
          initial: 'awaiting',
          states: {
            awaiting: {
              after: { approveWithin: { target: '#expiring' } },
              on: { approve: 'approved', reject: '#rejecting' },
            },
            approved: { type: 'final' },
          },
        },
      },
    },
    charging: {
      tags: 'busy',
      meta: { searchAttributes: { state: 'charging' } },
      entry: { type: 'charge', params: amount },
      on: { 'payment.charged': 'completed', 'payment.*': 'rejecting' },
    },
    rejecting: compensating('rejecting', 'rejected'),
    expiring: compensating('expiring', 'expired'),
    completed: { id: 'completed', type: 'final' },
    rejected: { id: 'rejected', type: 'final' },
    expired: { id: 'expired', type: 'final' },
  },
});

/** Cancels a reservation in flight, and releases a completed one. */
function compensating(id: string, then: string) {
  return parts.createStateConfig({
    id,
    tags: 'busy',
    meta: { searchAttributes: { state: 'compensating' } },
    initial: 'deciding',
    states: {
      deciding: { always: [{ guard: 'isReserved', target: 'releasing' }, { target: 'stopping' }] },
      stopping: {
        entry: 'stopReserve',
        on: {
          'payment.reserved': { target: 'releasing', actions: 'rememberReserved' },
          'payment.*': `#${then}`,
        },
      },
      releasing: {
        entry: { type: 'release', params: amount },
        on: { 'payment.released': `#${then}` },
      },
    },
  });
}

export const orderModel = defineModel({
  machine: orderMachine,
  effects,
  version: 2,
  migrations: {
    // Version 1 named the state `waiting`, and had no comments.
    1: (stored) => ({
      ...stored,
      value: JSON.parse(JSON.stringify(stored['value']).replaceAll('"waiting"', '"awaiting"')) as unknown,
      timers: JSON.parse(
        JSON.stringify(stored['timers']).replaceAll('approval.waiting', 'approval.awaiting'),
      ) as unknown,
      context: { comments: [], ...(stored['context'] as object) },
    }),
  },
  log: {
    start: ({ at }) => [`${at} started`],
    append: (log, event, _before, at) => [...log, `${at} ${event.type}`],
  },
});
