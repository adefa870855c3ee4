import type { ReplyKind } from '../../activities/contract.ts';
import { MINUTE } from '../policy.ts';
import type { Pulse, Tries } from './contract.ts';

/** So many minutes are kept, the one that is running among them. */
export const MINUTES = 15;

export const nothing: Tries = { sends: 0, replies: {} };
export const silent: Pulse = { minutes: [], lastGoodAt: null };

/** The minute of a time in milliseconds, both since 1970. */
export const minuteOf = (at: number) => Math.floor(at / MINUTE);

export function sum(a: Tries, b: Tries): Tries {
  const replies: { [K in ReplyKind]?: number } = { ...a.replies };
  for (const [kind, count] of Object.entries(b.replies) as [ReplyKind, number][]) {
    replies[kind] = (replies[kind] ?? 0) + count;
  }
  return { sends: a.sends + b.sends, replies };
}

/** The pulse once this was heard, without what is too old by then. */
export function heard(pulse: Pulse, tries: Tries, at: number): Pulse {
  // A clock that was set back adds to the minute that it has come to already.
  const minute = Math.max(minuteOf(at), pulse.minutes.at(-1)?.minute ?? 0);
  const others = pulse.minutes.filter((each) => each.minute > minute - MINUTES && each.minute !== minute);
  const soFar = pulse.minutes.find((each) => each.minute === minute) ?? nothing;
  return {
    minutes: [...others, { minute, ...sum(soFar, tries) }],
    lastGoodAt: judges(tries) ? at : pulse.lastGoodAt,
  };
}

function judges({ replies }: Tries): boolean {
  return (replies['2xx'] ?? 0) + (replies.already_verified ?? 0) > 0;
}
