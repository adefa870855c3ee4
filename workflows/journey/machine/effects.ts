import type { Channel } from '../../../activities/contract.ts';
import { effect } from '../../engine/core/effects.ts';

/** What the machine requests from the workflow. */
export const effects = {
  /** Requests a code. `once`: in a single attempt. */
  send: effect<{ readonly channel: Channel; readonly once?: true }>(),
  /** Stops the retries of a send in flight. */
  stopSend: effect(),
  /** Submits a code to the provider. */
  confirm: effect<{ readonly channel: Channel; readonly code: string }>(),
  /** Reads the provider's record of the user. */
  readUser: effect(),
};
