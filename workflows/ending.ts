import { noGuesses } from './context.ts';
import type { Carried, Context } from './context.ts';
import type { Ending } from './contract.ts';
import { timelineOf } from './log.ts';
import { DAY } from './policy.ts';
import { statusOf } from './status.ts';
import type { Journey } from './step.ts';

/** What a journey leaves behind. */
export function endingOf(journey: Journey): Ending {
  const { snapshot, log, revision, updatedAt } = journey;
  return {
    status: statusOf(journey),
    timeline: timelineOf(log),
    carried: { ...countersOf(snapshot.context, updatedAt), revision, log },
  };
}

/** The counters of the last day: a restart does not give anybody more codes or guesses than the limits do. */
function countersOf(context: Context, at: number): Pick<Carried, 'ledger' | 'guesses'> {
  const recent = (time: number) => time > at - DAY;
  const { email, sms } = context.guesses;
  return {
    ledger: context.ledger.filter((entry) => recent(entry.at)),
    guesses: { email: recent(email.lastAt) ? email : noGuesses, sms: recent(sms.lastAt) ? sms : noGuesses },
  };
}
