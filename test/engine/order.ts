import { ActivityCancellationType, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import {
  CommandError,
  objectOf,
  parseFlag,
  parseNumber,
  parseText,
  setupWorkflow,
  UnreadableValue,
} from '../../workflows/engine/index.ts';
import type { EffectFailure, Parser } from '../../workflows/engine/index.ts';
import { paymentQueue } from './order-contract.ts';
import type { OrderStart, PaymentActivities } from './order-contract.ts';
import { orderModel } from './order-machine.ts';

const parseOrder: Parser<OrderStart> = objectOf({
  orderId: parseText,
  amount: parseNumber,
  approveWithin: parseNumber,
});

/** An order that cannot be read is refused at once: nothing depends on it yet. */
function parseStart(body: unknown): OrderStart {
  try {
    return parseOrder(body, 'order');
  } catch (error) {
    throw error instanceof UnreadableValue ? new CommandError('BadRequest', error.message) : error;
  }
}

const parseAuthor = objectOf({ by: parseText });
const parseComment = objectOf({ text: parseText });

const payments = () => ({
  startToCloseTimeout: 5_000,
  heartbeatTimeout: 500,
  taskQueue: paymentQueue(workflowInfo().taskQueue),
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  // A killed worker leaves the outcome of a request unknown. Retries are safe because the provider's calls are idempotent.
  retry: { initialInterval: 100, backoffCoefficient: 1 },
});

const failed = (failure: EffectFailure) => {
  if (failure.kind === 'cancelled') return { type: 'payment.stopped' } as const;
  if (failure.kind === 'unknown') return { type: 'payment.unknown' } as const;
  return { type: 'payment.refused', reason: `${failure.type}: ${failure.message}` } as const;
};

export const order = setupWorkflow({
  model: orderModel,
  types: { activities: {} as PaymentActivities },
}).createWorkflow({
  parseStart,
  input: (start, at) => ({ ...start, at }),
  perform: {
    reserve: {
      activity: 'reserve',
      request: ({ amount }, { orderId }) => ({ orderId, amount }),
      options: payments,
      parseResult: objectOf({ reserved: parseFlag, reason: parseText }),
      onResult: ({ reserved, reason }) =>
        reserved ? { type: 'payment.reserved' } : { type: 'payment.refused', reason },
      onFailure: failed,
    },
    stopReserve: { cancels: 'reserve' },
    charge: {
      activity: 'charge',
      request: ({ amount }, { orderId }) => ({ orderId, amount }),
      options: payments,
      parseResult: objectOf({ charged: parseFlag }),
      onResult: ({ charged }) =>
        charged ? { type: 'payment.charged' } : { type: 'payment.refused', reason: 'declined' },
      onFailure: failed,
    },
    release: {
      activity: 'release',
      request: ({ amount }, { orderId }) => ({ orderId, amount }),
      options: payments,
      parseResult: objectOf({ released: parseFlag }),
      onResult: () => ({ type: 'payment.released' }),
      onFailure: failed,
    },
  },
  updates: {
    approve: {
      parse: parseAuthor,
      event: ({ by }) => ({ type: 'approve', by }),
      awaitsReply: true,
      result: ({ reply, state }) => ({ reply: reply?.type ?? null, value: state.snapshot.value }),
    },
    reject: {
      parse: parseAuthor,
      event: ({ by }) => ({ type: 'reject', by }),
      awaitsReply: true,
      result: ({ reply }) => reply?.type ?? null,
    },
    comment: {
      parse: parseComment,
      event: ({ text }) => ({ type: 'comment', text }),
      waitWhile: {},
      result: ({ state }) => state.snapshot.context.comments.length,
    },
  },
  queries: {
    order: ({ state, mustWait }) => ({
      value: state.snapshot.value,
      comments: state.snapshot.context.comments,
      log: state.log,
      timers: state.timers,
      approveMustWait: mustWait('approve'),
    }),
  },
  view: ({ revision }) => revision,
  searchAttributes: { keys: { state: defineSearchAttributeKey('OnboardingState', 'KEYWORD') } },
  cancelEvent: () => ({ type: 'reject', by: 'temporal' }),
  end: ({ snapshot, log }) => {
    const result = { value: snapshot.value, log };
    if (snapshot.value !== 'expired') return { as: 'completed', result };
    return { as: 'failed', result, type: 'OrderExpired', message: 'the order was not approved in time' };
  },
});
