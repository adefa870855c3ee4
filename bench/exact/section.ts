import { table } from '../../client/diagram/table.ts';
import { kilobytes, whole } from '../report/words.ts';
import { section } from '../section.ts';
import type { Count } from './count.ts';
import { exact } from './index.ts';
import type { Exact } from './index.ts';

export const exactSection = section<Exact>({
  name: 'exact',
  title: 'Exact figures',
  seconds: { full: 70, quick: 26 },
  measure: exact,
  page: ({ stories, twin, bundleBytes, times }) =>
    [
      `Each story was told ${times === 1 ? 'once' : `${times} times`}, alone; no clock is involved. Events, workflow tasks and bytes as the server gives them, actions by its own`,
      '`action` metric (what Temporal Cloud bills), promises as the SDK sees them made in workflow code, and how often it enters the sandbox of workflows. A command that is refused leaves no event',
      'and is billed as one action all the same. Left out is what workers tell of the provider, at most an action each five seconds a worker',
      '([decision 18](decisions/18-health-through-temporal.md)). The hand-written journey is that of the next chapter.',
      '',
      table(
        ['story', 'events', 'workflow tasks', 'actions', 'history', 'promises', 'entries'],
        [...stories, { ...twin, name: 'happy path, hand-written' }].map(({ name, counts }) => [name, ...cells(counts)]),
      ),
      '',
      `The workflow bundle has ${whole(bundleBytes)} bytes, without its source map.`,
    ].join('\n'),
  goals: ({ stories }) => {
    const [events, actions] = [Math.max(...of(stories, 'events')), Math.max(...of(stories, 'actions'))];
    const met = events <= 41 && actions <= 9;
    return [
      {
        what: 'happy path',
        wanted: '≤ 41 events, 9 actions',
        found: `${events}, ${actions}`,
        met,
        why: 'see the table',
      },
    ];
  },
});

const of = (stories: Exact['stories'], figure: keyof Count) => (stories[0]?.counts ?? []).map((count) => count[figure]);

function cells(counts: readonly Count[]): string[] {
  const plain = (figure: keyof Count) =>
    range(
      counts.map((count) => count[figure]),
      whole,
    );
  return [
    plain('events'),
    plain('workflowTasks'),
    plain('actions'),
    bytes(counts),
    plain('promises'),
    plain('entries'),
  ];
}

const bytes = (counts: readonly Count[]) =>
  range(
    counts.map((count) => count.bytes),
    kilobytes,
  );

/** One figure where all are the same. */
function range(values: readonly number[], write: (value: number) => string): string {
  const [least, most] = [write(Math.min(...values)), write(Math.max(...values))];
  return least === most ? least : `${least}–${most}`;
}
