import type { Status, Timeline } from 'onward/client';
import { boxOf } from '../components/state-diagram.js';

type Item = Timeline['items'][number];
type Position = Pick<Status, 'state' | 'step'>;

/** Returns the boxes and lines that a journey has visited, up to an entry of its timeline. */
export function visitedIn(items: readonly Item[], upTo: number): ReadonlySet<string> {
  const visited = new Set<string>();
  let before: Position | undefined;
  for (const { status } of items.slice(0, upTo + 1)) {
    if (status == null) continue;
    const { state } = status;
    visited.add(state).add(boxOf(state, status.step));
    if (before !== undefined) for (const line of linesBetween(before, status)) visited.add(line);
    before = status;
  }
  return visited;
}

/** A journey passes through `emailVerified` immediately, so no status shows it. */
function linesBetween(from: Position, to: Position): string[] {
  if (from.state === to.state) return [`${boxOf(from.state, from.step)}>${boxOf(to.state, to.step)}`];
  const passes = from.state === 'emailPending' && (to.state === 'smsPending' || to.state === 'done');
  const states = passes ? [from.state, 'emailVerified', to.state] : [from.state, to.state];
  const lines = states.slice(1).map((state, index) => `${states[index]}>${state}`);
  return passes ? ['emailVerified', ...lines] : lines;
}
