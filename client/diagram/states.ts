import { insidePending, isPending } from './mermaid.ts';
import { nodes, ways } from './nodes.ts';
import { code, table } from './table.ts';

/** The states as everyone sees them. */
export function statesTable(): string {
  const top = nodes().filter(({ path }) => path.length === 1);
  return table(
    ['state', 'means'],
    top.map(({ key, description }) => [code(key), description ?? '']),
  );
}

/** The steps of a pending state, and the finer states inside them, which nobody outside sees. */
export function stepsTable(): string {
  const inside = nodes().filter(({ path }) => path[0] === 'emailPending' && path.length > 1);
  return table(
    ['step', 'inside', 'means'],
    inside.map(({ path, description }) => [
      path.length === 2 ? code(path[1] ?? '') : '',
      code(path.slice(2).join('.')),
      description ?? '',
    ]),
  );
}

/** What happens between e-mail and phone. */
export function betweenTable(): string {
  const inside = nodes().filter(({ path }) => path[0] === 'emailVerified' && path.length > 1);
  return table(
    ['inside', 'means'],
    inside.map(({ key, description }) => [code(key), description ?? '']),
  );
}

/** Every way out of every step. Both channels have the same. */
export function waysTable(): string {
  const email = ways().filter(({ from }) => from[0] === 'emailPending');
  const between = ways().filter(({ from }) => !isPending(from));
  return table(
    ['from', 'on', 'if', 'to'],
    [
      ...email.map(({ from, on, guard, to }) => [
        code(from.slice(1).join('.')),
        on,
        code(guard),
        code(insidePending(to, Infinity)),
      ]),
      ...between.map(({ from, on, guard, to }) => [code(from.join('.')), on, code(guard), code(to.join('.'))]),
    ],
  );
}
