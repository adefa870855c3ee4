import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beginnings, edgesFrom } from '../../client/diagram/walk.ts';
import { keep } from '../../workflows/keep.ts';
import type { Kept } from '../../workflows/keep.ts';

/** A file for each version of the machine: a journey in every place, as that version kept it for the next run. */
export const snapshotFolder = resolve('test/snapshots');

/** A journey in each place that this machine knows, as it is kept. */
export function snapshots(): Kept[] {
  const walks = beginnings().flatMap(edgesFrom);
  const byPlace = new Map(walks.map(({ from }) => [JSON.stringify(from.journey.snapshot.value), from.journey]));
  return [...byPlace.values()].map((journey, index) => keep(journey, {}, index % 2 === 1));
}

/** What was kept, by version. */
export async function keptSnapshots(): Promise<ReadonlyMap<number, readonly Kept[]>> {
  const names = await readdir(snapshotFolder);
  const read = async (name: string) =>
    [
      Number(name.slice(0, -'.json'.length)),
      JSON.parse(await readFile(join(snapshotFolder, name), 'utf8')) as Kept[],
    ] as const;
  return new Map(await Promise.all(names.map(read)));
}
