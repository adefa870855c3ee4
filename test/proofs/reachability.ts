import { positionOf } from '../../workflows/journey/status/status.ts';
import type { ExploredState } from './state.ts';
import type { Edge, Space } from './state-space.ts';

/** A final state that has to be reachable. */
export interface Goal {
  readonly name: string;
  readonly statement: string;
  readonly end: 'done' | 'cancelled';
  readonly concerns: (state: ExploredState) => boolean;
}

const isOpen = ({ journey }: ExploredState) => journey.snapshot.status === 'active';
const isBeingCancelled = ({ journey: { snapshot } }: ExploredState) =>
  JSON.stringify(snapshot.value).includes('"stopping"') && snapshot.context.afterStop === 'cancelled';

export const goals: readonly Goal[] = [
  {
    name: '`done` is reachable',
    statement: '`done` can be reached from every state that is neither final nor being cancelled.',
    end: 'done',
    concerns: (state) => isOpen(state) && !isBeingCancelled(state),
  },
  {
    name: '`cancelled` is reachable',
    statement: '`cancelled` can be reached from every state that is not final.',
    end: 'cancelled',
    concerns: isOpen,
  },
];

/** The names of the states from which the goal cannot be reached although it concerns them, the nearest first. */
export function statesWithoutPath({ states, edges }: Space, { end, concerns }: Goal): string[] {
  const leading = new Set<string>();
  for (const [name, { journey }] of states) if (positionOf(journey.snapshot).state === end) leading.add(name);
  const open = new Map(
    [...edges].filter(([name]) => !leading.has(name)).map(([name, edges]) => [name, options(edges)]),
  );
  for (let found = true; found;) {
    found = false;
    for (const [name, each] of open) {
      if (!each.some((targets) => targets.every((target) => leading.has(target)))) continue;
      leading.add(name);
      open.delete(name);
      found = true;
    }
  }
  return [...states].filter(([name, state]) => concerns(state) && !leading.has(name)).map(([name]) => name);
}

/**
 * The moves that lead on from a state, each with every target that it may have: a command or a reply under each setting, or a wait, which
 * ends with whichever timer fires first.
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
