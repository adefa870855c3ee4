import type { Status, Timeline } from 'onward/client';
import { boxOf } from './machine.js';

type Item = Timeline['items'][number];
type Place = Pick<Status, 'state' | 'step'>;

/** The boxes and lines that a journey has gone through, up to a line of its timeline. */
export function walkedIn(items: readonly Item[], upTo: number): ReadonlySet<string> {
  const walked = new Set<string>();
  let before: Place | undefined;
  for (const { stood } of items.slice(0, upTo + 1)) {
    if (stood == null) continue;
    const { state } = stood;
    walked.add(state).add(boxOf(state, stood.step));
    if (before !== undefined) for (const line of linesBetween(before, stood)) walked.add(line);
    before = stood;
  }
  return walked;
}

/** Between two states lies `emailVerified`, which is passed through at once. */
function linesBetween(from: Place, to: Place): string[] {
  if (from.state === to.state) return [`${boxOf(from.state, from.step)}>${boxOf(to.state, to.step)}`];
  const passes = from.state === 'emailPending' && (to.state === 'smsPending' || to.state === 'done');
  const states = passes ? [from.state, 'emailVerified', to.state] : [from.state, to.state];
  const lines = states.slice(1).map((state, index) => `${states[index]}>${state}`);
  return passes ? ['emailVerified', ...lines] : lines;
}
