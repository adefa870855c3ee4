import type { Model } from './model.ts';
import { coolDownEnd, due, end, hasLeft, limitEnd, quietUntil, send, sendAutomatically } from './model.ts';

/** The pending timers of a journey. */
function timers(m: Model): { at: number; fire: () => void }[] {
  const at = (time: number) => Math.max(time, m.since);
  const life = { at: at(m.expiresAt), fire: () => end(m, 'expired') };
  const { reminded } = m[due(m)];
  if (['done', 'expired', 'cancelled'].includes(m.state)) return [];
  if (m.wait === 'coolDown') return [{ at: coolDownEnd(m), fire: () => send(m) }];
  if (m.wait !== 'user' || m.step === 'paused') return [];
  if (m.step === 'stalled' && m.stall === 'sendBudget')
    return [{ at: at(m.budgetAvailableAt), fire: () => sendAutomatically(m) }];
  if (m.step === 'stalled')
    return m.stall === 'sendLimit' ? [{ at: limitEnd(m), fire: () => sendAutomatically(m) }] : [];
  if (m.step !== 'awaitingCode') return [life];
  const remind = () => ((m[due(m)].reminded = true), send(m, 'reminder'));
  return [
    life,
    ...(reminded || isHeld(m) ? [] : [{ at: quietUntil(m, m.since + m.policy.reminderAfter), fire: remind }]),
    ...nextAutomaticSends(m).map((time) => ({ at: at(time), fire: () => sendAutomatically(m, 'automatic') })),
  ];
}

/** Whether quiet hours hold an offered code: the reminder waits for their end as well. */
const isHeld = (m: Model) => m.offeredSince !== null && nextAutomaticSends(m).length > 0;

/** When an automatic send follows an offer or a send with an unknown outcome. */
function nextAutomaticSends(m: Model): number[] {
  if (m.offeredSince !== null) {
    const at = quietUntil(m, m.since);
    return quietUntil(m, m.offeredSince) === m.offeredSince || hasLeft(m, at) ? [] : [at];
  }
  const last = m[due(m)].sends.at(-1);
  if (last?.until !== undefined) return [Math.max(coolDownEnd(m), last.at + 1_000)];
  return last?.unknown === true && last.why !== 'automatic' ? [last.at + m.policy.codeLife] : [];
}

/** Fires the timers that are due, the earliest first. */
export function fireTimers(m: Model, now: number): void {
  m.now = now;
  const [first] = timers(m).toSorted((a, b) => a.at - b.at);
  if (first === undefined || first.at > now) return;
  first.fire();
  fireTimers(m, now);
}
