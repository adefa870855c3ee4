import { mutations } from './mutations.ts';
import type { Mutation } from './mutations.ts';
import { properties } from './properties.ts';
import { goals, statesWithoutPath } from './reachability.ts';
import { explore, settings, smallestPolicy } from './state-space.ts';
import type { Space } from './state-space.ts';
import type { Change } from './apply-input.ts';
import { describeEffects, pathTo, describeMove } from './describe-path.ts';

/** The result of checking one property. */
export interface Finding {
  readonly name: string;
  readonly statement: string;
  /** How many transitions or states it was checked on. */
  readonly checked: number;
  readonly over: 'transitions' | 'states';
  /** The shortest path that breaks it, in plain words; `undefined` if there is none. */
  readonly counterexample: string | undefined;
}

/** Checks every property on the whole state space. */
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
  const onTransitions = properties.map(({ name, statement }): Finding => {
    const first = firstBroken.get(name);
    const counterexample = first && describeCounterexample(space, first.from, first.change);
    return { name, statement, checked: counts.get(name) ?? 0, over: 'transitions', counterexample };
  });
  const onStates = goals.map((goal): Finding => {
    const [first] = statesWithoutPath(space, goal);
    const checked = [...space.states.values()].filter(goal.concerns).length;
    const counterexample = first && describeDeadEnd(space, first);
    return { name: goal.name, statement: goal.statement, checked, over: 'states', counterexample };
  });
  return { space, findings: [...onTransitions, ...onStates] };
}

/** The shortest path on which a mutation breaks its property; `undefined` if it does not. */
function counterexampleOf({ breaks, machine }: Mutation): string | undefined {
  const goal = goals.find(({ name }) => name === breaks);
  if (goal !== undefined) {
    const space = explore(settings(smallestPolicy), () => false, machine);
    const [first] = statesWithoutPath(space, goal);
    return first && describeDeadEnd(space, first);
  }
  const property = properties.find(({ name }) => name === breaks);
  let first: { change: Change; from: string } | undefined;
  const space = explore(
    settings(),
    (change, from) => {
      if (property?.concerns(change) === true && !property.holds(change)) first = { change, from };
      return first !== undefined;
    },
    machine,
  );
  return first && describeCounterexample(space, first.from, first.change);
}

/** A mutation and the shortest path on which it breaks its property, in plain words. */
export interface MutationResult {
  readonly mutation: Mutation;
  readonly counterexample: string | undefined;
}

/** Explores every mutation until it breaks its property. */
export const checkMutations = (): MutationResult[] =>
  mutations.map((mutation) => ({ mutation, counterexample: counterexampleOf(mutation) }));

function describeCounterexample(space: Space, from: string, { before, move, effects }: Change): string {
  return `${[...pathTo(space, from), describeMove(before, move)].join(' → ')}: ${describeEffects(effects)}`;
}

function describeDeadEnd(space: Space, name: string): string {
  const { value } = space.states.get(name)?.journey.snapshot ?? {};
  return `${pathTo(space, name).join(' → ')}: no path leads on from ${JSON.stringify(value).replaceAll(/["{}]/g, '').replaceAll(':', '.')}`;
}
