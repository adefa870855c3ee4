import { parseDelayedEvent } from '../../engine/core/transition.ts';
import type { JourneyContext } from '../context.ts';
import { delayNames } from '../events.ts';
import type { DelayName, JourneyEvent } from '../events.ts';
import * as limits from '../limits/limits.ts';
import { currentChannel } from '../limits/limits.ts';

/** What guards, delays and actions see. */
export interface Scope {
  readonly context: JourneyContext;
  readonly event: JourneyEvent;
}

/** When each delay of the machine elapses, in milliseconds since 1970. `context.now` is when its state was entered. */
const dueTimes: { readonly [D in DelayName]: (context: JourneyContext) => number } = {
  journeyLife: ({ expiresAt }) => expiresAt,
  reminderAfter: (context) => limits.endOfQuietHours(context, context.now + context.policy.reminderAfter),
  automaticResendAfter: (context) => limits.automaticResendAt(context, currentChannel(context)) ?? context.now,
  quietHoursEnd: (context) => limits.offeredSendAt(context) ?? context.now,
  cooldown: (context) => limits.cooldownEndsAt(context, currentChannel(context)),
  sendLimit: (context) => limits.sendLimitEndsAt(context, currentChannel(context)),
  sendBudget: ({ now, stall }) => stall?.until ?? now,
};

/**
 * The time of an event. The machine has no clock: commands and replies bring their time, and so do delays in the workflow, where one may
 * elapse late. Under `createActor` a delay elapses when it is due.
 */
export function timeOf({ context, event }: Scope): number {
  if ('at' in event) return event.at;
  const delayed = delayNames.find((name) => name === parseDelayedEvent(typeOf(event))?.delay);
  return delayed === undefined ? context.now : Math.max(context.now, dueTimes[delayed](context));
}

const typeOf = (event: { readonly type: string }) => event.type;

const delay = (name: DelayName) => (scope: Scope) =>
  Math.max(0, dueTimes[name]({ ...scope.context, now: timeOf(scope) }) - timeOf(scope));

/** The delays of the machine, in milliseconds. Each is used only in states in which it is due. */
export const delays = {
  journeyLife: delay('journeyLife'),
  reminderAfter: delay('reminderAfter'),
  automaticResendAfter: delay('automaticResendAfter'),
  quietHoursEnd: delay('quietHoursEnd'),
  cooldown: delay('cooldown'),
  sendLimit: delay('sendLimit'),
  sendBudget: delay('sendBudget'),
};
