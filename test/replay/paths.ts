import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { app, enterCode, guessWrong, operator, quickPolicy, waitForPosition, waitUntil } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

export interface Path {
  readonly labels?: string;
  readonly accountType?: 'business';
  readonly policy?: Partial<Policy>;
  /** Takes the journey along the path, once it has started. */
  run(stack: Stack, userId: string): Promise<unknown>;
}

const withReason = { reason: 'recorded' };

/** The journeys to record, by the file name of the history. */
export const paths: { readonly [name: string]: Path } = {
  individual: {
    run: async (stack, userId) => {
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      await enterCode(stack, userId, 'email');
      await waitForPosition(stack, userId, 'smsPending.awaitingCode');
      await enterCode(stack, userId, 'sms');
      await waitForPosition(stack, userId, 'done');
    },
  },
  business: {
    accountType: 'business',
    labels: '.business',
    run: async (stack, userId) => {
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      await enterCode(stack, userId, 'email');
    },
  },
  'already-verified': { labels: '.both-verified', run: (stack, userId) => waitForPosition(stack, userId, 'done') },
  locked: {
    policy: { guesses: { perCode: 1, perChannel: 1 } },
    run: async (stack, userId) => {
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      await guessWrong(stack, userId);
      await stack.onward.retry(userId, withReason, operator);
      await enterCode(stack, userId, 'email');
    },
  },
  stalled: {
    labels: '.maintenance',
    run: async (stack, userId) => {
      await waitForPosition(stack, userId, 'emailPending.stalled');
      await stack.onward.retry(userId, withReason, operator);
      await waitForPosition(stack, userId, 'emailPending.stalled');
      await stack.onward.override(userId, { channel: 'email', ...withReason }, operator);
      await waitForPosition(stack, userId, 'smsPending.stalled');
    },
  },
  unknown: {
    labels: '.lost-reply',
    policy: { codeLife: 300 },
    run: async (stack, userId) => {
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      await new Promise((wake) => setTimeout(wake, 600));
      const { revision } = await stack.onward.recheck(userId, {}, app);
      // The journey is in the same position before the provider's record has been read and after.
      await waitUntil(
        async () => (await stack.onward.status(userId)).revision !== revision,
        'the record of the provider has not been read',
      );
    },
  },
  paused: {
    run: async (stack, userId) => {
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      await stack.onward.pause(userId, withReason, operator);
      await stack.onward.resume(userId, withReason, operator);
      await stack.onward.resend(userId, {}, app);
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    },
  },
  cancelled: {
    run: async (stack, userId) => {
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      await stack.onward.cancel(userId, withReason, operator);
      await waitForPosition(stack, userId, 'cancelled');
    },
  },
  superseded: {
    run: async (stack, userId) => {
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      await stack.onward.supersede(userId, { newUserId: `${userId}-2`, ...withReason }, operator);
      await waitForPosition(stack, userId, 'cancelled');
    },
  },
  expired: {
    policy: { reminderAfter: 150, journeyLife: 500 },
    run: (stack, userId) => waitForPosition(stack, userId, 'expired'),
  },
  'code-not-checked': {
    labels: '.lost-verdict',
    run: async (stack, userId) => {
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      stack.sfox.script(userId, 'confirm', [{ status: 401 }]);
      await enterCode(stack, userId, 'email').catch(() => undefined);
      await enterCode(stack, userId, 'email');
    },
  },
};

/** The policy of a path. */
export const buildPolicy = ({ policy }: Path): Policy => ({ ...quickPolicy, ...policy });
