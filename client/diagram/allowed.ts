import { commandTypes } from '../../workflows/events.ts';
import { allowedIn, placeOf } from '../../workflows/status.ts';
import type { Snapshot } from '../../workflows/step.ts';
import { code, table } from './table.ts';
import type { Edge } from './walk.ts';

/** What is allowed where: every command put to the machine in every place that a walk comes to. */
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
  const { state, step } = placeOf(snapshot);
  return step === null ? state : `${state}.${step}`;
}

const order = ['emailPending', 'emailVerified', 'smsPending', 'done', 'expired', 'cancelled'];
const rank = (name: string) => order.indexOf(name.split('.')[0] ?? '');

/** A command that comes while an answer is awaited is judged once it is there: such moments say nothing here. */
function rowOf([name, snapshots]: [string, Snapshot[]]): string[] {
  const idle = snapshots.filter((snapshot) => !snapshot.hasTag('busy')).map(allowedIn);
  const cell = (type: (typeof commandTypes)[number]) => {
    if (idle.length === 0) return 'waits';
    const taken = idle.filter((allowed) => type in allowed).length;
    if (taken === 0) return '–';
    return taken === idle.length ? 'yes' : 'at times';
  };
  return [code(name), ...commandTypes.map(cell)];
}
