import { mutations } from './mutations.ts';
import type { Mutation } from './mutations.ts';
import { properties } from './properties.ts';
import { goals, stranded } from './reach.ts';
import { explore, settings, smallestPolicy } from './space.ts';
import type { Space } from './space.ts';
import type { Change } from './take.ts';
import { wanted, wayTo, wordsOf } from './words.ts';

/** What was found of a promise. */
export interface Finding {
  readonly name: string;
  readonly statement: string;
  /** On how many changes, or from how many places, it was checked. */
  readonly checked: number;
  readonly over: 'changes' | 'places';
  /** The shortest way to break it, in plain words; `undefined` where there is none. */
  readonly broken: string | undefined;
}

/** Checks every promise on the whole of the state space. */
export function prove(): { readonly space: Space; readonly findings: readonly Finding[] } {
  const counts = new Map<string, number>();
  const firstBroken = new Map<string, { change: Change; from: string }>();
  const space = explore(settings(), (change, from) => {
    for (const { name, concerns, holds } of properties) {
      if (!concerns(change)) continue;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (!holds(change) && !firstBroken.has(name)) firstBroken.set(name, { change, from });
    }
    return false;
  });
  const onChanges = properties.map(({ name, statement }): Finding => {
    const first = firstBroken.get(name);
    const broken = first && told(space, first.from, first.change);
    return { name, statement, checked: counts.get(name) ?? 0, over: 'changes', broken };
  });
  const onPlaces = goals.map((goal): Finding => {
    const [first] = stranded(space, goal);
    const checked = [...space.places.values()].filter(goal.concerns).length;
    const broken = first && toldOfPlace(space, first);
    return { name: goal.name, statement: goal.statement, checked, over: 'places', broken };
  });
  return { space, findings: [...onChanges, ...onPlaces] };
}

/** The shortest way in which a mutation breaks the promise that it is to break; `undefined` where it does not. */
function catchOf({ breaks, machine }: Mutation): string | undefined {
  const goal = goals.find(({ name }) => name === breaks);
  if (goal !== undefined) {
    const space = explore(settings(smallestPolicy), () => false, machine);
    const [first] = stranded(space, goal);
    return first && toldOfPlace(space, first);
  }
  const property = properties.find(({ name }) => name === breaks);
  let seen: { change: Change; from: string } | undefined;
  const space = explore(
    settings(),
    (change, from) => {
      if (property?.concerns(change) === true && !property.holds(change)) seen = { change, from };
      return seen !== undefined;
    },
    machine,
  );
  return seen && told(space, seen.from, seen.change);
}

/** What was seen of a mutation: the shortest way to the fault, in plain words. */
export interface Seen {
  readonly mutation: Mutation;
  readonly way: string | undefined;
}

/** Every mutation, with what was seen. */
export const catches = (): Seen[] => mutations.map((mutation) => ({ mutation, way: catchOf(mutation) }));

function told(space: Space, from: string, { before, move, effects }: Change): string {
  return `${[...wayTo(space, from), wordsOf(before, move)].join(' → ')}: ${wanted(effects)}`;
}

function toldOfPlace(space: Space, name: string): string {
  const { value } = space.places.get(name)?.journey.snapshot ?? {};
  return `${wayTo(space, name).join(' → ')}: no way out of ${JSON.stringify(value).replaceAll(/["{}]/g, '').replaceAll(':', '.')}`;
}
