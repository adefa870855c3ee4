import { defaultPolicy, SECOND } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';

/** The default policy with shorter times: what takes a user minutes or days takes seconds in the demo. */
export const demoPolicy: Policy = {
  ...defaultPolicy,
  cooldowns: [3 * SECOND],
  // Allows two attempts of a send: immediately, and after a second.
  retrySendFor: 2 * SECOND,
  callTimeout: 2 * SECOND,
  guesses: { perCode: 3, perChannel: 3 },
};
