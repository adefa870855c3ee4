import { insidePending } from '../mermaid.ts';
import { isPending, nodes, stepAt, transitionEdges } from '../transitions.ts';
import { code, table } from '../markdown.ts';

/** Renders the public states. */
export function statesTable(): string {
  const top = nodes().filter(({ path }) => path.length === 1);
  return table(
    ['state', 'means'],
    top.map(({ key, description }) => [code(key), description ?? '']),
  );
}

/** Renders the steps of a pending state and their internal substates. */
export function stepsTable(): string {
  const inside = nodes().filter(({ path }) => path[0] === 'emailPending' && path.length > 1);
  return table(
    ['step', 'inside', 'means'],
    inside.map(({ path, description }, index) => {
      const step = stepAt(path) ?? '';
      const isFirst = step !== stepAt(inside[index - 1]?.path ?? []);
      return [isFirst ? code(step) || '–' : '', code(path.slice(1).join('.')), description ?? ''];
    }),
  );
}

/** Renders the internal states of `emailVerified`. */
export function betweenTable(): string {
  const inside = nodes().filter(({ path }) => path[0] === 'emailVerified' && path.length > 1);
  return table(
    ['inside', 'means'],
    inside.map(({ key, description }) => [code(key), description ?? '']),
  );
}

/** Renders every transition of every step. Both channels have the same transitions. */
export function transitionsTable(): string {
  const email = transitionEdges().filter(({ from }) => from[0] === 'emailPending');
  const between = transitionEdges().filter(({ from }) => !isPending(from));
  return table(
    ['from', 'on', 'if', 'to'],
    [
      ...email.map(({ from, on, guard, to }) => [
        code(from.slice(1).join('.')),
        on,
        code(guard),
        code(insidePending(to)),
      ]),
      ...between.map(({ from, on, guard, to }) => [code(from.join('.')), on, code(guard), code(to.join('.'))]),
    ],
  );
}
