import type { Status } from '../../../workflows/status.ts';
import { allowed } from './commands.ts';
import { guessesLeft } from './model.ts';
import type { Model } from './model.ts';

/** What everyone sees of it. */
export const seen = (m: Model) => ({
  state: m.state,
  step: m.step,
  allowed: allowed(m).toSorted(),
  stalled: m.step === 'stalled' ? m.stall : null,
  email: { sends: m.email.sends.length, guessesLeft: guessesLeft(m, m.email) },
  sms: { sends: m.sms.sends.length, guessesLeft: guessesLeft(m, m.sms) },
});

/** Of a journey's own status, what the model tells as well. */
export function shown({ state, step, allowed, stalled, email, sms }: Status): ReturnType<typeof seen> {
  const part = (channel: Status['email']) => ({ sends: channel?.sends ?? -1, guessesLeft: channel?.guessesLeft ?? -1 });
  const keys = Object.keys(allowed ?? {}).toSorted() as ReturnType<typeof seen>['allowed'];
  return { state, step, allowed: keys, stalled: stalled?.reason ?? null, email: part(email), sms: part(sms) };
}
