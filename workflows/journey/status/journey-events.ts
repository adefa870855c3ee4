import type { Channel } from '../../../activities/contract.ts';
import { channels, forEachChannel } from '../channels.ts';
import type { Evidence, JourneyContext } from '../context.ts';
import type { SendOutcome } from '../replies.ts';
import type { StallReason } from '../stall-reasons.ts';
import { stallStatusOf } from './status.ts';
import type { Journey } from '../transition.ts';

/** What statistics count of a journey. They name no user. */

/** A channel was verified by this evidence; a send had this outcome; a journey stalled for this reason. */
export type JourneyEventName =
  `verified.${Channel}.${Evidence}` | `send.${Channel}.${SendOutcome}` | `stalled.${StallReason}`;

/** Returns what happened between two states of a journey. */
export function eventsBetween(before: Journey, after: Journey): readonly JourneyEventName[] {
  const [old, now] = [before.snapshot.context, after.snapshot.context];
  const verified = forEachChannel((channel) => (old.evidence[channel] === null ? now.evidence[channel] : null));
  const answered = new Set(answeredSends(old).map(({ number }) => number));
  const reason = stallStatusOf(after.snapshot)?.reason;
  return [
    ...channels.flatMap((channel) => {
      const evidence = verified[channel];
      return evidence === null ? [] : [`verified.${channel}.${evidence}` as const];
    }),
    ...answeredSends(now)
      .filter(({ number }) => !answered.has(number))
      .map(({ channel, outcome }) => `send.${channel}.${outcome}` as const),
    ...(reason === undefined || reason === stallStatusOf(before.snapshot)?.reason
      ? []
      : [`stalled.${reason}` as const]),
  ];
}

/** The sends whose outcome no later attempt replaces. */
function answeredSends({ ledger, openSend }: JourneyContext): JourneyContext['ledger'] {
  return ledger.filter(({ number }) => number !== openSend?.number);
}
