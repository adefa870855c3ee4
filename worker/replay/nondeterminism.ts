import type { temporal } from '@temporalio/proto';
import type { ReplayBreakage } from '../../client/replay/protocol.ts';

type History = temporal.api.history.v1.IHistory;
type Nondeterminism = Pick<ReplayBreakage, 'event' | 'cause'>;

/** How the SDK's core reports a nondeterminism error (https://github.com/temporalio/rules/blob/main/rules/TMPRL1100.md), and its meaning. */
const messagePatterns: readonly (readonly [
  RegExp,
  (found: Readonly<Record<string, string>>, history: History) => Nondeterminism,
])[] = [
  [
    /Activity type of scheduled event '(?<inHistory>\w+)' does not match activity type of activity command '(?<inCode>\w+)'/,
    ({ inHistory = '', inCode = '' }, history) => ({
      event: scheduling(history, inHistory),
      cause: `the history schedules the activity ${inHistory} here, and the code now schedules ${inCode}`,
    }),
  ],
  [
    /No command scheduled for event HistoryEvent\(id: (?<id>\d+), (?<type>\w+)\)/,
    ({ id, type = '' }) => ({
      event: { id: Number(id), type },
      cause: 'the code now does nothing where the history has this event',
    }),
  ],
  [
    /(?<inCode>[\w ]+) machine does not handle this event: HistoryEvent\(id: (?<id>\d+), (?<type>\w+)\)/,
    ({ inCode = '', id, type = '' }) => ({
      event: { id: Number(id), type },
      cause: `the code now issues another command where the history has this event: ${inCode.trim().toLowerCase()}`,
    }),
  ],
];

/** Explains in plain language where code and history diverge; falls back to the SDK's own text. */
export function explainNondeterminism(message: string, history: History): Nondeterminism {
  for (const [form, read] of messagePatterns) {
    const found = form.exec(message)?.groups;
    if (found !== undefined) return read(found, history);
  }
  const [, words = message] = /Nondeterminism error: (.*?)", source:/s.exec(message) ?? [];
  const [, id, type = ''] = /HistoryEvent\(id: (\d+), (\w+)\)/.exec(words) ?? [];
  return { event: id === undefined ? null : { id: Number(id), type }, cause: words };
}

function scheduling({ events }: History, activity: string): Nondeterminism['event'] {
  const event = events?.find((each) => each.activityTaskScheduledEventAttributes?.activityType?.name === activity);
  return event === undefined ? null : { id: Number(event.eventId), type: 'ActivityTaskScheduled' };
}
