import { defaultPolicy, SECOND } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';

/** The default policy in fast motion: what takes a user minutes or days takes seconds here. */
export const demoPolicy: Policy = {
  ...defaultPolicy,
  cooldowns: [3 * SECOND],
  // Room for two tries of a send: at once, and after a second.
  retrySendFor: 2 * SECOND,
  callTimeout: 2 * SECOND,
  guesses: { perCode: 3, perChannel: 3 },
};
