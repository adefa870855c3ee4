import { expect, it } from '@jest/globals';
import type { StoredState } from '../../workflows/engine/core/snapshot.ts';
import { MACHINE_VERSION } from '../../workflows/journey/machine.ts';
import { createSnapshots, readStoredSnapshots } from '../replay/snapshots.ts';

const versions = Array.from({ length: MACHINE_VERSION }, (_, index) => index + 1);

it('saved journeys exist for every version of the machine, and for every position of the current one', async () => {
  const stored = await readStoredSnapshots();
  expect([...stored.keys()].toSorted((a, b) => a - b)).toEqual(versions);
  const positionsOf = (all: readonly StoredState[] = []) => new Set(all.map(({ value }) => JSON.stringify(value)));
  expect(positionsOf(stored.get(MACHINE_VERSION))).toEqual(positionsOf(createSnapshots()));
});
