import { formatDuration, formatTime } from '#format-time';
import type { State, Timeline as TimelinePage } from 'onward/client';
import { Time } from '../ui.js';
import { useClock } from '../../hooks/live.js';
import { isFinal, stateLabels } from '../../labels.js';

export type Item = TimelinePage['items'][number];

export interface MomentProps {
  readonly items: readonly Item[];
  /** The index of the moment that is shown. */
  readonly at: number;
  readonly choose: (at: number | undefined) => void;
}

interface Group {
  readonly state: State | null;
  readonly entries: { readonly item: Item; readonly index: number }[];
}

/** The entries of each state that the journey went through. */
function groupsOf(items: readonly Item[]): readonly Group[] {
  const groups: Group[] = [];
  for (const [index, item] of items.entries()) {
    const state = item.status?.state ?? null;
    const last = groups.at(-1);
    if (last !== undefined && last.state === state) last.entries.push({ item, index });
    else groups.push({ state, entries: [{ item, index }] });
  }
  return groups;
}

/** The entries of the timeline, grouped by state: time, event, actor and reason. */
export function Timeline({ items, at, choose }: MomentProps) {
  const clock = useClock();
  const groups = groupsOf(items);
  return (
    <div class="timeline">
      {groups.map(({ state, entries }, number) => (
        <section key={`${number}`}>
          <h3>
            {state === null ? 'Status not known' : stateLabels[state]}
            <span>{durationOf(groups, number, clock)}</span>
          </h3>
          <ol>
            {entries.map(({ item, index }) => (
              <li key={`${index}`} class={index === at ? 'at' : index > at ? 'later' : ''}>
                <button class="plain" aria-current={index === at ? 'step' : undefined} onClick={() => choose(index)}>
                  {item.what}
                </button>
                <Time at={item.at} now={clock} />
                {(item.by !== null || item.reason !== null) && (
                  <p>
                    {item.by !== null && <span class="quiet">by {item.by}</span>}{' '}
                    {item.reason !== null && <q>{item.reason}</q>}
                  </p>
                )}
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

/** How long the journey was in the state of a group. */
function durationOf(groups: readonly Group[], number: number, clock: number): string {
  const group = groups[number];
  const from = group?.entries[0]?.item.at;
  if (group?.state == null || from === undefined || isFinal(group.state)) return '';
  const end = groups[number + 1]?.entries[0]?.item.at;
  return formatDuration((end === undefined ? clock : Date.parse(end)) - Date.parse(from));
}

/** Selects a past moment, for the diagram, the limits and the allowed commands. */
export function Scrubber({ id, items, at, choose, isPast }: MomentProps & { id: string; isPast: boolean }) {
  const item = items[at];
  if (items.length < 2 || item === undefined) return null;
  const revision = item.status?.revision ?? null;
  return (
    <div class="scrubber">
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={`${formatTime(item.at)}: ${item.what}`}
        min={0}
        max={items.length - 1}
        value={at}
        onInput={({ currentTarget }) => choose(currentTarget.valueAsNumber)}
      />
      <button onClick={() => choose(undefined)} disabled={!isPast}>
        Back to now
      </button>
      {isPast && revision !== null && (
        <a class="button" href={`/v1/users/${encodeURIComponent(id)}/onboarding/export?at=${revision}`} download>
          Export up to here
        </a>
      )}
    </div>
  );
}
