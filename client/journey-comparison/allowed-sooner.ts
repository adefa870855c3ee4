import type { JourneyContext } from '../../workflows/journey/context.ts';
import type { Command } from '../../workflows/journey/events.ts';
import {
  currentChannel,
  guessesLeft,
  guessesOpenAt,
  sendLimitEndsAt,
  sendOpensAt,
} from '../../workflows/journey/limits/limits.ts';
import type { Snapshot } from '../../workflows/journey/transition.ts';

type LimitedCommand = Extract<Command['type'], 'submitCode' | 'resend' | 'retry' | 'recover'>;

/** When the limits of the policy allow a command, from a time on; in milliseconds since 1970. */
const opensAt: { readonly [T in LimitedCommand]: (context: JourneyContext, from: number) => number } = {
  submitCode: (context, from) => {
    const channel = currentChannel(context);
    const opens = [from, guessesOpenAt(context, channel)].find(
      (at) => at >= from && guessesLeft(context, channel, at) > 0,
    );
    return opens ?? Infinity;
  },
  resend: (context) => sendOpensAt(context, currentChannel(context)),
  recover: (context) => sendOpensAt(context, currentChannel(context)),
  retry: (context) => sendLimitEndsAt(context, currentChannel(context)),
};

const commands = Object.keys(opensAt) as LimitedCommand[];

/**
 * Returns when another policy first allows a command, between two events, that the journey's own policy refuses at that time. A log
 * contains only accepted commands, so it does not say whether someone tried.
 *
 * @returns milliseconds since 1970; `undefined` if it allows none
 */
export function allowedSooner(
  own: Snapshot,
  other: Snapshot,
  { from, to }: { readonly from: number; readonly to: number },
): number | undefined {
  const times = commands.flatMap((type) => {
    const at = Math.max(from, opensAt[type](other.context, from));
    const isSooner = at < Math.min(to, opensAt[type](own.context, from));
    return isSooner && other.can(probe(type, other.context, at)) && !own.can(probe(type, own.context, at)) ? [at] : [];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

function probe(type: LimitedCommand, context: JourneyContext, at: number): Command {
  const by = { role: 'operator', name: '' } as const;
  return {
    type,
    channel: currentChannel(context),
    at,
    by,
    reason: null,
    ...(type === 'submitCode' && { code: '' }),
  } as Command;
}
