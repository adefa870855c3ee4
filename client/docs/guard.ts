/** A guard of XState: a name, a name with parameters, or guards composed by `and`, `or` and `not`. */
type Guard = unknown;

/** Describes a guard as an expression of its names; empty without a guard. */
export function describeGuard(guard: Guard): string {
  if (guard === undefined) return '';
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'function') return describeComposed(guard.name, 'guards' in guard ? guard.guards : []);
  const { type, params } = Object(guard) as { readonly type: string; readonly params?: object };
  return [type, ...Object.values(params ?? {}).map(String)].join(' ');
}

function describeComposed(operator: string, guards: unknown): string {
  const parts = (Array.isArray(guards) ? guards : []).map(describeGuard);
  return operator === 'not' ? `not ${parts.join('')}` : parts.join(` ${operator} `);
}
