import { placeOf } from '../../workflows/status.ts';
import type { Place } from './place.ts';
import type { Edge, Space } from './space.ts';

/** A promise about every place that is not an end. */
export interface Goal {
  readonly name: string;
  readonly statement: string;
  readonly end: 'done' | 'cancelled';
  readonly concerns: (place: Place) => boolean;
}

const hasNotEnded = ({ journey }: Place) => journey.snapshot.status === 'active';
const isBeingCancelled = ({ journey: { snapshot } }: Place) =>
  JSON.stringify(snapshot.value).includes('"stopping"') && snapshot.context.afterStop === 'cancelled';

export const goals: readonly Goal[] = [
  {
    name: 'done in reach',
    statement: 'From every state that is not final, and has not been cancelled, `done` can be reached.',
    end: 'done',
    concerns: (place) => hasNotEnded(place) && !isBeingCancelled(place),
  },
  {
    name: 'cancelled in reach',
    statement: 'From every state that is not final, `cancelled` can be reached.',
    end: 'cancelled',
    concerns: hasNotEnded,
  },
];

/** The places that a goal concerns and that it cannot be reached from, the nearest first. */
export function stranded({ places, ways }: Space, { end, concerns }: Goal): string[] {
  const leading = new Set<string>();
  for (const [name, { journey }] of places) if (placeOf(journey.snapshot).state === end) leading.add(name);
  const open = new Map([...ways].filter(([name]) => !leading.has(name)).map(([name, edges]) => [name, options(edges)]));
  for (let found = true; found;) {
    found = false;
    for (const [name, each] of open) {
      if (!each.some((targets) => targets.every((target) => leading.has(target)))) continue;
      leading.add(name);
      open.delete(name);
      found = true;
    }
  }
  return [...places].filter(([name, place]) => concerns(place) && !leading.has(name)).map(([name]) => name);
}

/**
 * What can be relied on at a place, as the targets of which any may come: a command or an answer, whatever its journey's
 * settings; or to wait, whichever of a journey's alarms and ages then comes first.
 */
function options(edges: readonly Edge[]): string[][] {
  const byMove = new Map<unknown, string[]>();
  for (const { move, to } of edges) {
    if (move.kind === 'restart') continue;
    const option = move.kind === 'alarm' || move.kind === 'time' ? 'wait' : move;
    byMove.set(option, [...(byMove.get(option) ?? []), to]);
  }
  return [...byMove.values()];
}
