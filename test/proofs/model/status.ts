import type { Status } from '../../../workflows/journey/status/status.ts';
import { allowed } from './commands.ts';
import { guessesLeft } from './model.ts';
import type { Model } from './model.ts';

/** The part of the status that the model has. */
export const statusOfModel = (m: Model) => ({
  state: m.state,
  step: m.step,
  allowed: allowed(m).toSorted(),
  stalled: m.step === 'stalled' ? m.stall : null,
  email: { sends: m.email.sends.length, guessesLeft: guessesLeft(m, m.email) },
  sms: { sends: m.sms.sends.length, guessesLeft: guessesLeft(m, m.sms) },
});

/** The same part of a journey's status. */
export function comparableStatus({
  state,
  step,
  allowed,
  stalled,
  email,
  sms,
}: Status): ReturnType<typeof statusOfModel> {
  const part = (channel: Status['email']) => ({ sends: channel?.sends ?? -1, guessesLeft: channel?.guessesLeft ?? -1 });
  const keys = Object.keys(allowed ?? {}).toSorted() as ReturnType<typeof statusOfModel>['allowed'];
  return { state, step, allowed: keys, stalled: stalled?.reason ?? null, email: part(email), sms: part(sms) };
}
