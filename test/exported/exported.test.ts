import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runExport } from '../../client/exports/run-export.ts';
import { JourneyExport } from '../../client/exports/schema.ts';

/** Runs every journey that was exported into this folder with `onward export`. */
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));

it('finds exported journeys', () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)('the exported journey %s', (file) => {
  const journey = JourneyExport.parse(JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')));

  it('still leads to the status that it had', () => {
    const { migrated, replayed = migrated } = runExport(journey);
    // A status field of a later release is not in the file.
    expect(migrated).toMatchObject(journey.status);
    expect(replayed).toMatchObject(journey.status);
  });
});
