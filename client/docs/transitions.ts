import { stateFacts, states } from '../../workflows/journey/status/status.ts';
import type { Step } from '../../workflows/journey/context.ts';
import { parseDelayedEvent } from '../../workflows/engine/core/transition.ts';
import { onboarding } from '../../workflows/journey/machine.ts';
import { describeGuard } from './guard.ts';

export type StateNode = typeof onboarding.root;
type Transition = StateNode['always'] extends readonly (infer T)[] | undefined ? T : never;

/** A transition of the machine, with names instead of state nodes. */
export interface TransitionEdge {
  /** Path of the source state, from the top level down. */
  readonly from: readonly string[];
  /** The event, `after <delay>`, or empty for an eventless transition. */
  readonly on: string;
  readonly guard: string;
  /** Path of the target. A transition into a final child leads where its parent's `onDone` leads. */
  readonly to: readonly string[];
}

/** Returns every state node below the root, each before its children. */
export function nodes(node: StateNode = onboarding.root): StateNode[] {
  return Object.values(node.states).flatMap((child) => [child, ...nodes(child)]);
}

/** Returns every transition of the machine, except for `onDone`, which the transitions into a final child stand for. */
export function transitionEdges(root: StateNode = onboarding.root): TransitionEdge[] {
  return nodes(root)
    .flatMap(transitionsOf)
    .filter(({ eventType, source }) => eventType !== doneEvent(source))
    .map(toEdge);
}

/** Returns every transition that a state node defines, including eventless ones. */
export function transitionsOf(node: StateNode): Transition[] {
  return [...(node.always ?? []), ...[...node.transitions.values()].flat()];
}

/** Returns the public step that a path is in, from the `meta` along it; `undefined` if it is in none. */
export function stepAt(path: readonly string[]): Step | undefined {
  const around = nodes().filter((node) => node.path.every((key, depth) => path[depth] === key));
  return around.flatMap(({ meta }) => (meta !== undefined && 'step' in meta ? [meta.step] : [])).at(-1);
}

/** Whether a path is in a state that verifies a channel. */
export function isPending([state]: readonly string[]): boolean {
  return pendingStates.some((each) => each === state);
}

const pendingStates = states.filter((state) => stateFacts[state].channel !== undefined);

const doneEvent = ({ id }: StateNode) => `xstate.done.state.${id}`;

function toEdge({ source, eventType, guard, target }: Transition): TransitionEdge {
  const to = target?.[0] ?? source;
  return { from: source.path, on: eventOf(eventType), guard: describeGuard(guard), to: afterDone(to).path };
}

function afterDone(node: StateNode): StateNode {
  const { parent } = node;
  const [onDone] = (node.type === 'final' && parent?.transitions.get(doneEvent(parent))) || [];
  return onDone?.target?.[0] ?? node;
}

function eventOf(type: string): string {
  const delayed = parseDelayedEvent(type);
  return delayed === undefined ? type : `after ${delayed.delay}`;
}
