import type { Policy } from '../../workflows/policy.ts';
import { app, enterCode, guessWrong, operator, quickPolicy, untilAt } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

export interface Path {
  readonly labels?: string;
  readonly accountType?: 'business';
  readonly policy?: Partial<Policy>;
  /** What happens to the user once the journey has started. */
  go(stack: Stack, userId: string): Promise<unknown>;
}

const because = { reason: 'recorded' };

/** One journey of each kind, to be kept as a history of the version that ran it. */
export const paths: { readonly [name: string]: Path } = {
  individual: {
    go: async (stack, userId) => {
      await untilAt(stack, userId, 'emailPending.awaitingCode');
      await enterCode(stack, userId, 'email');
      await untilAt(stack, userId, 'smsPending.awaitingCode');
      await enterCode(stack, userId, 'sms');
      await untilAt(stack, userId, 'done');
    },
  },
  business: {
    accountType: 'business',
    labels: '.business',
    go: async (stack, userId) => {
      await untilAt(stack, userId, 'emailPending.awaitingCode');
      await enterCode(stack, userId, 'email');
    },
  },
  'already-verified': { labels: '.both-verified', go: (stack, userId) => untilAt(stack, userId, 'done') },
  locked: {
    policy: { guesses: { perCode: 1, perChannel: 1 } },
    go: async (stack, userId) => {
      await untilAt(stack, userId, 'emailPending.awaitingCode');
      await guessWrong(stack, userId);
      await stack.onward.retry(userId, because, operator);
      await enterCode(stack, userId, 'email');
    },
  },
  stalled: {
    labels: '.maintenance',
    go: async (stack, userId) => {
      await untilAt(stack, userId, 'emailPending.stalled');
      await stack.onward.retry(userId, because, operator);
      await untilAt(stack, userId, 'emailPending.stalled');
      await stack.onward.override(userId, { channel: 'email', ...because }, operator);
      await untilAt(stack, userId, 'smsPending.stalled');
    },
  },
  unknown: {
    labels: '.lost-reply',
    policy: { codeLife: 300 },
    go: async (stack, userId) => {
      await untilAt(stack, userId, 'emailPending.awaitingCode');
      await new Promise((wake) => setTimeout(wake, 600));
      await stack.onward.recheck(userId, {}, app);
      await untilAt(stack, userId, 'emailPending.awaitingCode');
    },
  },
  paused: {
    go: async (stack, userId) => {
      await untilAt(stack, userId, 'emailPending.awaitingCode');
      await stack.onward.pause(userId, because, operator);
      await stack.onward.resume(userId, because, operator);
      await stack.onward.resend(userId, {}, app);
      await untilAt(stack, userId, 'emailPending.awaitingCode');
    },
  },
  cancelled: {
    go: async (stack, userId) => {
      await untilAt(stack, userId, 'emailPending.awaitingCode');
      await stack.onward.cancel(userId, because, operator);
      await untilAt(stack, userId, 'cancelled');
    },
  },
  expired: {
    policy: { reminderAfter: 150, journeyLife: 500 },
    go: (stack, userId) => untilAt(stack, userId, 'expired'),
  },
  'not-judged': {
    labels: '.lost-verdict',
    go: async (stack, userId) => {
      await untilAt(stack, userId, 'emailPending.awaitingCode');
      stack.sfox.script(userId, 'confirm', [{ status: 401 }]);
      await enterCode(stack, userId, 'email').catch(() => undefined);
      await enterCode(stack, userId, 'email');
    },
  },
};

/** The policy of a path. */
export const policyOf = ({ policy }: Path): Policy => ({ ...quickPolicy, ...policy });
