import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { allEdges } from '../exploration/edges.ts';
import type { StoredState } from '../../workflows/engine/core/snapshot.ts';
import { serialize } from '../../workflows/journey/transition.ts';

/** Contains a file for each version of the machine: a serialized journey in every position, as that version passes it to continue-as-new. */
export const snapshotFolder = resolve('test/snapshots');

/** Returns a serialized journey in each position of the current machine. */
export function createSnapshots(): StoredState[] {
  const walks = allEdges();
  const byPosition = new Map(walks.map(({ from }) => [JSON.stringify(from.journey.snapshot.value), from.journey]));
  return [...byPosition.values()].map(serialize);
}

/** Returns the stored snapshots, by version. */
export async function readStoredSnapshots(): Promise<ReadonlyMap<number, readonly StoredState[]>> {
  const names = await readdir(snapshotFolder);
  const read = async (name: string) =>
    [
      Number(name.slice(0, -'.json'.length)),
      JSON.parse(await readFile(join(snapshotFolder, name), 'utf8')) as StoredState[],
    ] as const;
  return new Map(await Promise.all(names.map(read)));
}
