import { commandTypes } from '../../../workflows/journey/commands.ts';
import { allowedIn, positionOf, states } from '../../../workflows/journey/status/status.ts';
import type { Snapshot } from '../../../workflows/journey/transition.ts';
import { code, table } from '../markdown.ts';
import type { Edge } from '../explore.ts';

/** Renders which commands each state allows, from every state that the exploration reaches. */
export function allowedTable(edges: readonly Edge[]): string {
  const places = new Map<string, Snapshot[]>();
  for (const snapshot of edges.flatMap(({ from, to }) => [from, to]).map(({ journey }) => journey.snapshot)) {
    const name = nameOf(snapshot);
    const seen = places.get(name);
    if (seen === undefined) places.set(name, [snapshot]);
    else seen.push(snapshot);
  }
  const rows = [...places].toSorted(([a], [b]) => rank(a) - rank(b)).map(rowOf);
  return table(['', ...commandTypes.map(code)], rows);
}

function nameOf(snapshot: Snapshot): string {
  const { state, step } = positionOf(snapshot);
  return step === null ? state : `${state}.${step}`;
}

const rank = (name: string) => states.findIndex((state) => state === name.split('.')[0]);

/** Ignores busy snapshots: a command that arrives while a reply is pending is checked after the reply. */
function rowOf([name, snapshots]: [string, Snapshot[]]): string[] {
  const idle = snapshots.filter((snapshot) => !snapshot.hasTag('busy')).map(allowedIn);
  const cell = (type: (typeof commandTypes)[number]) => {
    if (idle.length === 0) return 'waits';
    const taken = idle.filter((allowed) => type in allowed).length;
    if (taken === 0) return '–';
    return taken === idle.length ? 'yes' : 'sometimes';
  };
  return [code(name), ...commandTypes.map(cell)];
}
