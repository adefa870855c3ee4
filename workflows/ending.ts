import type { Carried, Context, Guesses } from './context.ts';
import type { Ending } from './contract.ts';
import { timelineOf } from './log.ts';
import { DAY } from './policy.ts';
import { statusOf } from './status.ts';
import type { Journey } from './step.ts';

/** What a journey leaves behind. */
export function endingOf(journey: Journey): Ending {
  const { snapshot, log, revision, updatedAt } = journey;
  return { status: statusOf(journey), timeline: timelineOf(log), carried: carriedFrom(snapshot.context, updatedAt, revision) };
}

/** The counters of the last day: a restart does not give anybody more codes or guesses than the limits do. */
function carriedFrom(context: Context, at: number, revision: number): Carried {
  const recent = (time: number) => time > at - DAY;
  const none: Guesses = { onCode: 0, onChannel: 0, lastAt: 0 };
  const { email, sms } = context.guesses;
  return {
    revision,
    ledger: context.ledger.filter((entry) => recent(entry.at)),
    guesses: { email: recent(email.lastAt) ? email : none, sms: recent(sms.lastAt) ? sms : none },
  };
}
