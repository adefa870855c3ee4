import { onboarding } from '../../workflows/machine.ts';

type StateNode = typeof onboarding.root;
type Transition = StateNode['always'] extends readonly (infer T)[] | undefined ? T : never;

/** A way out of a state of the machine, in words. */
export interface Way {
  /** Where it begins, from the machine's top level down. */
  readonly from: readonly string[];
  /** The event, `after <delay>`, or nothing where it is taken at once. */
  readonly on: string;
  readonly guard: string;
  readonly to: readonly string[];
}

/** Every state of the machine below its root, each before its children. */
export function nodes(node: StateNode = onboarding.root): StateNode[] {
  return Object.values(node.states).flatMap((child) => [child, ...nodes(child)]);
}

/** Every way between the states of the machine. */
export function ways(): Way[] {
  return nodes().flatMap((node) => transitionsOf(node).map(wayOf));
}

/** Every transition that a state of the machine defines, those that are taken at once included. */
export function transitionsOf(node: StateNode): Transition[] {
  return [...(node.always ?? []), ...[...node.transitions.values()].flat()];
}

function wayOf({ source, eventType, guard, target }: Transition): Way {
  const to = target?.[0] ?? source;
  return { from: source.path, on: eventOf(eventType), guard: guardOf(guard), to: to.path };
}

/** XState names the event of a delay `xstate.after.<delay>.<state>`. */
function eventOf(type: string): string {
  return type.startsWith('xstate.after.') ? `after ${type.split('.')[2]}` : type;
}

function guardOf(guard: Transition['guard']): string {
  if (guard === undefined) return '';
  if (typeof guard === 'string') return guard;
  const { type, params } = guard as { type: string; params: { step: string } };
  return `${type} ${params.step}`;
}
