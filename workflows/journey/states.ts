import type { StateValueFrom } from 'xstate';
import { onboarding } from './machine.ts';
import { isStateFacts } from './machine/meta.ts';
import type { StateFacts } from './machine/meta.ts';

type Value = StateValueFrom<typeof onboarding>;
/** The public states: those of the machine's top level. */
export type State = Value extends infer V ? (V extends string ? V : keyof V) : never;

/** The facts of each public state, from the machine's `meta`. */
export const stateFacts: { readonly [S in State]: StateFacts } = Object.fromEntries(
  Object.values(onboarding.states)
    .map(({ meta }) => meta)
    .filter(isStateFacts)
    .map((facts) => [facts.state, facts]),
) as { readonly [S in State]: StateFacts };

/** The public states in their order. */
export const states: readonly State[] = (Object.keys(stateFacts) as State[]).toSorted(
  (a, b) => stateFacts[a].order - stateFacts[b].order,
);

/** Whether a journey in this state has ended. */
export function isFinal(state: State): boolean {
  return stateFacts[state].kind === 'final';
}
