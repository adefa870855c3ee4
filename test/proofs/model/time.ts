import type { Model } from './model.ts';
import { coolDownEnd, due, end, limitEnd, send } from './model.ts';

/** What is due of its own accord, and when. */
function alarms(m: Model): { at: number; ring: () => void }[] {
  const at = (time: number) => Math.max(time, m.since);
  const life = { at: at(m.expiresAt), ring: () => end(m, 'expired') };
  const { sends, reminded } = m[due(m)];
  const last = sends.at(-1);
  if (['done', 'expired', 'cancelled'].includes(m.state)) return [];
  if (m.wait === 'coolDown') return [{ at: coolDownEnd(m), ring: () => send(m) }];
  if (m.wait !== 'user' || m.step === 'paused') return [];
  if (m.step === 'stalled') return m.stall === 'sendLimit' ? [{ at: limitEnd(m), ring: () => send(m) }] : [];
  if (m.step !== 'awaitingCode') return [life];
  const remind = () => ((m[due(m)].reminded = true), send(m, 'reminder'));
  return [
    life,
    ...(reminded ? [] : [{ at: m.since + m.policy.reminderAfter, ring: remind }]),
    ...(last?.unknown === true && last.why !== 'automatic'
      ? [{ at: at(last.at + m.policy.codeLife), ring: () => send(m, 'automatic') }]
      : []),
  ];
}

/** Lets the alarms ring that are due by now, the earliest first. */
export function wake(m: Model, now: number): void {
  m.now = now;
  const [first] = alarms(m).toSorted((a, b) => a.at - b.at);
  if (first === undefined || first.at > now) return;
  first.ring();
  wake(m, now);
}
