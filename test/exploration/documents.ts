import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Edge } from '../../client/docs/explore.ts';
import { createJourneyPage } from '../../client/docs/journey-page.ts';
import { allowedForRole } from '../../workflows/journey/status/role-views.ts';
import { statusOf } from '../../workflows/journey/status/status.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { root } from '../architecture/imports.ts';
import { allEdges } from './edges.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('docs/journey.md, generated', () => {
  it('equals the page generated from the machine', () => {
    const written = read('docs/journey.md') === createJourneyPage(allEdges());
    expect(written || 'docs/journey.md differs from the machine: run npm run docs').toBe(true);
  });
});

const [, afterHead = ''] = read('docs/integrating.md').split('| `state`, `step`');
const rows = new Map(
  [...(afterHead.split('\n\n')[0] ?? '').matchAll(/^\| `(\w+)`[^|]*\| ([^|]*)\|/gm)].map(
    ([, name = '', shows = '']) => [name, shows.trim()],
  ),
);

/** Every status that an app can meet, by the row of the table that it belongs to. A final state has no edge from it. */
const statuses = new Map<string, Status[]>();
beforeAll(() => {
  const edges = allEdges();
  const states = new Set([...edges.map(({ from }) => from), ...edges.map(({ to }) => to).filter(isFinal)]);
  for (const { journey } of states) {
    const status = statusOf(journey);
    const row = status.step ?? status.state;
    statuses.set(row, statuses.get(row) ?? []);
    statuses.get(row)?.push(status);
  }
});
afterAll(() => statuses.clear());

function isFinal({ journey }: Edge['to']): boolean {
  return journey.snapshot.status === 'done';
}

const commandsOf = ({ allowed }: Status) => Object.keys(allowedForRole(allowed ?? {}, 'app'));

describe('the table of what a page shows, in docs/integrating.md', () => {
  it('has a row for every state and step that an app can meet, and no other', () => {
    expect([...rows.keys()].toSorted()).toEqual([...statuses.keys()].toSorted());
  });

  it.each([...rows].filter(([, shows]) => /\bno (field|buttons)\b|disabled|no field yet/.test(shows)))(
    'promises no field in `%s`, where no code can be submitted',
    (row) => {
      for (const status of statuses.get(row) ?? []) expect(commandsOf(status)).not.toContain('submitCode');
    },
  );

  it('promises neither a field nor a resend in `locked`', () => {
    expect(statuses.get('locked')).not.toEqual([]);
    for (const status of statuses.get('locked') ?? []) {
      expect(commandsOf(status)).not.toContain('submitCode');
      expect(commandsOf(status)).not.toContain('resend');
    }
  });

  it('promises no command in a final state', () => {
    for (const row of ['done', 'expired', 'cancelled'])
      for (const status of statuses.get(row) ?? []) expect(commandsOf(status)).toEqual([]);
  });

  it('promises a button for the first text in `emailVerified` wherever a resend is allowed, and nothing else', () => {
    const commands = (statuses.get('emailVerified') ?? []).map(commandsOf);
    expect(commands.some((each) => each.includes('resend'))).toBe(true);
    // While the provider's record is read, no command is allowed.
    for (const each of commands) expect([[], ['resend', 'recheck']]).toContainEqual(each);
    expect(rows.get('emailVerified')).toContain('`allowed.resend`');
  });
});
