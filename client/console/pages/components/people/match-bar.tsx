import { queryOf } from '#http-request';
import type { Filter } from '../../api.js';
import { isFiltered } from '../../model/filter.js';
import type { FilterChoice } from '../../model/filter.js';
import { useClock, useIsOperator } from '../../hooks/live.js';
import type { Item } from '../../hooks/use-pages.js';
import { number, userCount } from '../../labels.js';
import { Time } from '../ui.js';

export interface MatchBarProps {
  readonly items: readonly Item[];
  /** The number of all that match; `undefined` while counting. */
  readonly count: number | undefined;
  /** When they were listed; in milliseconds since 1970. */
  readonly asOf: number | undefined;
  /** Whether the list is refreshed automatically. */
  readonly isLive: boolean;
  readonly again: () => void;
  readonly chosen: FilterChoice;
  readonly filter: Filter;
  readonly selected: ReadonlySet<string>;
  readonly select: (ids: ReadonlySet<string>) => void;
  readonly act: (on: 'all' | 'selected') => void;
}

/** Shows how many match and how old the list is, and what can be done with those that match or are selected. */
export function MatchBar(props: MatchBarProps) {
  const { count, chosen, filter, selected } = props;
  return (
    <div class="counted">
      <span role="status">
        <strong>{count === undefined ? 'Counting …' : userCount(count)}</strong>
        {isFiltered(chosen) ? ' match' : ' in all'}
      </span>
      <Age {...props} />
      {selected.size > 0 ? <Selection {...props} /> : <AllMatches {...props} />}
      {count !== undefined && count > 0 && (
        <a class="button" href={`/v1/journeys.csv${queryOf(filter)}`} download="journeys.csv">
          Download as CSV
        </a>
      )}
    </div>
  );
}

/** How old the list is, if it is not live. */
function Age({ asOf, isLive, again }: MatchBarProps) {
  const clock = useClock();
  if (asOf === undefined) return null;
  const isOld = clock - asOf > 15_000;
  if (isLive && !isOld) return null;
  return (
    <span class="quiet">
      as of <Time at={new Date(asOf).toISOString()} now={clock} />{' '}
      <button class="plain link" onClick={again}>
        Refresh
      </button>
    </span>
  );
}

/** A bulk operation takes the filter itself, except for the beginning of an id: what that matches depends on Temporal’s database. */
const canActOnAll = (count: number | undefined, chosen: FilterChoice): count is number =>
  count !== undefined && count > 0 && isFiltered(chosen) && chosen.userId === '';

function AllMatches({ count, chosen, act }: MatchBarProps) {
  if (!useIsOperator() || !canActOnAll(count, chosen)) return null;
  return <button onClick={() => act('all')}>Act on all {number(count)} that match …</button>;
}

function Selection({ items, count, chosen, selected, select, act }: MatchBarProps) {
  const isWhole = items.every(({ userId }) => selected.has(userId));
  const all = isWhole && canActOnAll(count, chosen) ? count : undefined;
  return (
    <>
      {all !== selected.size && (
        <button class="primary" onClick={() => act('selected')}>
          Act on {number(selected.size)} selected …
        </button>
      )}
      {all !== undefined && <button onClick={() => act('all')}>Act on all {number(all)} that match …</button>}
      <button onClick={() => select(new Set())}>Select none</button>
    </>
  );
}
