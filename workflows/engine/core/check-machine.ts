import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { Effects } from './effects.ts';

/** XState's actions that `transition` applies by itself, or that the engine turns into timers. */
const PURE_ACTIONS: ReadonlySet<string> = new Set([
  'xstate.assign',
  'xstate.raise',
  'xstate.cancel',
  'xstate.enqueueActions',
]);

const ADVICE: Readonly<Record<string, string>> = {
  'xstate.spawnChild': 'starts a child actor; request an effect instead, whose outcome comes back as an event',
  'xstate.stopChild': 'stops a child actor; use an effect that cancels another',
  'xstate.sendTo': 'sends to another actor; request an effect instead',
  'xstate.emit': 'emits to listeners, and a workflow has none; use `onChange` or an effect',
  'xstate.log': 'writes to the console; use the log of the model',
};

/**
 * Checks that a machine uses nothing that the engine cannot run durably.
 *
 * @throws Error that names every place: invoked actors, child machines, messages to actors, unnamed functions, and named
 *   actions that are neither declared effects nor pure
 */
export function checkMachine(machine: AnyStateMachine, effects: Effects): void {
  const problems = new Set<string>();
  const implementations: Readonly<Record<string, unknown>> = machine.implementations.actions;

  const checkAction = (action: unknown, where: string): void => {
    if (typeof action === 'function') return checkFunction(action, where);
    const name = typeof action === 'string' ? action : (action as { readonly type: string }).type;
    if (Object.hasOwn(effects, name)) return;
    const implementation = implementations[name];
    if (typeof implementation !== 'function' || !('type' in implementation)) {
      problems.add(`${where}: the action '${name}' is neither a declared effect nor one of XState's pure actions`);
    } else checkFunction(implementation, where);
  };

  const checkFunction = (action: object, where: string): void => {
    const type = 'type' in action ? String(action.type) : undefined;
    if (type === undefined) {
      problems.add(`${where}: an inline function has no name to perform it by; declare an effect for it`);
    } else if (!PURE_ACTIONS.has(type)) {
      problems.add(`${where}: '${type}' ${ADVICE[type] ?? 'is not supported'}`);
    }
  };

  const visit = (node: AnyStateNode): void => {
    if (node.invoke.length > 0) {
      problems.add(
        `${node.id}: it invokes an actor; request an effect on entry instead, whose outcome comes back as an event`,
      );
    }
    const transitions = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
    const initial: readonly unknown[] = node.initial?.actions ?? [];
    const actions = [...node.entry, ...node.exit, ...initial, ...transitions.flatMap((each) => each.actions)];
    for (const action of actions) checkAction(action, node.id);
    for (const child of Object.values(node.states)) visit(child);
  };

  visit(machine.root);
  if (problems.size === 0) return;
  throw new Error(
    `machine '${machine.id}' cannot run as a workflow:\n${[...problems].map((each) => `- ${each}`).join('\n')}`,
  );
}
