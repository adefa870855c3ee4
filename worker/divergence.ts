import type { temporal } from '@temporalio/proto';
import type { Broken } from '../client/replay/contract.ts';

type History = temporal.api.history.v1.IHistory;
type Diverged = Pick<Broken, 'event' | 'why'>;

/** How the SDK's core tells of a divergence (https://github.com/temporalio/rules/blob/main/rules/TMPRL1100.md), and what it means. */
const forms: readonly (readonly [RegExp, (found: Readonly<Record<string, string>>, history: History) => Diverged])[] = [
  [
    /Activity type of scheduled event '(?<then>\w+)' does not match activity type of activity command '(?<now>\w+)'/,
    ({ then = '', now = '' }, history) => ({
      event: scheduling(history, then),
      why: `the history asks the activity ${then} here, and the code now asks ${now}`,
    }),
  ],
  [
    /No command scheduled for event HistoryEvent\(id: (?<id>\d+), (?<type>\w+)\)/,
    ({ id, type = '' }) => ({
      event: { id: Number(id), type },
      why: 'the code now does nothing where the history has this',
    }),
  ],
  [
    /(?<now>[\w ]+) machine does not handle this event: HistoryEvent\(id: (?<id>\d+), (?<type>\w+)\)/,
    ({ now = '', id, type = '' }) => ({
      event: { id: Number(id), type },
      why: `the code now wants another thing where the history has this: ${now.trim().toLowerCase()}`,
    }),
  ],
];

/** Where code and history part, in plain words; those of the SDK where it has others. */
export function divergence(message: string, history: History): Diverged {
  for (const [form, read] of forms) {
    const found = form.exec(message)?.groups;
    if (found !== undefined) return read(found, history);
  }
  const [, words = message] = /Nondeterminism error: (.*?)", source:/s.exec(message) ?? [];
  const [, id, type = ''] = /HistoryEvent\(id: (\d+), (\w+)\)/.exec(words) ?? [];
  return { event: id === undefined ? null : { id: Number(id), type }, why: words };
}

function scheduling({ events }: History, activity: string): Diverged['event'] {
  const event = events?.find((each) => each.activityTaskScheduledEventAttributes?.activityType?.name === activity);
  return event === undefined ? null : { id: Number(event.eventId), type: 'ActivityTaskScheduled' };
}
