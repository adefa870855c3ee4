import { table } from '../../client/docs/markdown.ts';
import { kilobytes, whole } from '../report/format.ts';
import { defineSection } from '../section.ts';
import type { Count } from './count.ts';
import { measureExact } from './index.ts';
import type { ExactFigures } from './index.ts';

export const exactSection = defineSection<ExactFigures>({
  name: 'exact',
  title: 'Exact figures',
  seconds: { full: 70, quick: 26 },
  measure: measureExact,
  page: ({ stories, twin, bundleBytes, times }) =>
    [
      `Each scenario ran ${times === 1 ? 'once' : `${times} times`}, with no other journey on the server. The counts do not depend on time. Events, workflow tasks and bytes are those of the server;`,
      'actions are its `action` metric, which Temporal Cloud bills; promises are those created in workflow code; entries are the times the SDK entered the workflow',
      'sandbox. A refused command adds no event and is billed as one action. The reports of workers about the provider are not counted: at most one action in five',
      'seconds for each worker ([decision 18](decisions/0018-provider-health-workflow.md)). The next section describes the hand-written journey.',
      '',
      table(
        ['scenario', 'events', 'workflow tasks', 'actions', 'history', 'promises', 'entries'],
        [...stories, { ...twin, name: 'happy path, hand-written' }].map(({ name, counts }) => [name, ...cells(counts)]),
      ),
      '',
      `The workflow bundle has ${whole(bundleBytes)} bytes without its source map.`,
    ].join('\n'),
  goals: ({ stories }) => {
    const [events, actions] = [Math.max(...of(stories, 'events')), Math.max(...of(stories, 'actions'))];
    const isMet = events <= 41 && actions <= 9;
    return [
      {
        what: 'events and billed actions of a journey without errors',
        wanted: '≤ 41 events, ≤ 9 actions',
        found: `${events}, ${actions}`,
        isMet,
        why: 'see the table',
      },
    ];
  },
});

const of = (stories: ExactFigures['stories'], figure: keyof Count) =>
  (stories[0]?.counts ?? []).map((count) => count[figure]);

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

/** Formats the range of the values, or the value if all are equal. */
function range(values: readonly number[], write: (value: number) => string): string {
  const [least, most] = [write(Math.min(...values)), write(Math.max(...values))];
  return least === most ? least : `${least}–${most}`;
}
