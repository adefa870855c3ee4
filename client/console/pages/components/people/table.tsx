import { isFiltered, newestFirst, addressOf } from '../../model/filter.js';
import type { FilterChoice, Order, SortKey } from '../../model/filter.js';
import { useClock } from '../../hooks/live.js';
import type { Item } from '../../hooks/use-pages.js';
import { Empty, PositionBadge, Time } from '../ui.js';
import { go, personAddress } from '../../router.js';
import { accountLabels, positionLabel, reasonLabels } from '../../labels.js';

interface ListProps {
  readonly items: readonly Item[];
  readonly chosen: FilterChoice;
  /** Whether all that match are loaded, so that they can be sorted. */
  readonly isComplete: boolean;
  readonly selected: ReadonlySet<string>;
  readonly select: ((ids: readonly string[], isSelected: boolean) => void) | undefined;
  /** The id of the row that the keys act on. */
  readonly active: string | undefined;
  readonly activate: (id: string) => void;
}

const columns: readonly (readonly [SortKey, string])[] = [
  ['userId', 'User'],
  ['state', 'State'],
  ['reason', 'Reason'],
  ['since', 'Since'],
  ['accountType', 'Account'],
  ['startedAt', 'Started'],
];

/** The table of the People screen; on a phone, a card for each person. */
export function List({ items, chosen, isComplete, selected, select, active, activate }: ListProps) {
  const clock = useClock(5_000);
  if (items.length === 0) return null;
  const ids = items.map(({ userId }) => userId);
  const isAll = ids.every((id) => selected.has(id));
  return (
    <table class="people list">
      <thead>
        <tr>
          {select !== undefined && (
            <th scope="col" class="box">
              <input
                type="checkbox"
                aria-label="Select all that are shown"
                checked={isAll}
                onChange={() => select(ids, !isAll)}
              />
            </th>
          )}
          {columns.map(([by, label]) => (
            <Column key={by} by={by} label={label} chosen={chosen} isComplete={isComplete} />
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr
            key={item.userId}
            class={item.userId === active ? 'active' : ''}
            onFocusCapture={() => activate(item.userId)}
          >
            {select !== undefined && (
              <td class="box">
                <input
                  type="checkbox"
                  aria-label={`Select ${item.userId}`}
                  checked={selected.has(item.userId)}
                  onChange={() => select([item.userId], !selected.has(item.userId))}
                />
              </td>
            )}
            <Cells item={item} clock={clock} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cells({ item, clock }: { item: Item; clock: number }) {
  const { userId, state, step, reason, since, accountType, startedAt } = item;
  return (
    <>
      <th scope="row" title={userId}>
        <a href={personAddress(userId)}>{userId}</a>
      </th>
      <td>
        <PositionBadge state={state} step={step} />
      </td>
      <td>{reason === null ? '' : reasonLabels[reason]}</td>
      <td data-label="since">
        <Time at={since} now={clock} />
      </td>
      <td>{accountType === null ? '' : accountLabels[accountType]}</td>
      <td data-label="started">
        <Time at={startedAt} now={clock} />
      </td>
    </>
  );
}

interface ColumnProps extends Pick<ListProps, 'chosen' | 'isComplete'> {
  readonly by: SortKey;
  readonly label: string;
}

/** A column that sorts. The server lists the newest start first; another order needs all that match. */
function Column({ by, label, chosen, isComplete }: ColumnProps) {
  const order = isComplete ? chosen.order : newestFirst;
  const isCurrent = order.by === by;
  const next = { by, isDescending: isCurrent && !order.isDescending };
  return (
    <th
      scope="col"
      {...(isCurrent && { 'aria-sort': order.isDescending ? ('descending' as const) : ('ascending' as const) })}
    >
      {isComplete ? (
        <button class="sort" onClick={() => go(addressOf({ ...chosen, order: next }), { replace: true })}>
          {label}
        </button>
      ) : (
        <span class="sort" title="Sorts once all that match are shown">
          {label}
        </span>
      )}
    </th>
  );
}

const textOf = (item: Item, by: SortKey): string =>
  by === 'state' ? positionLabel(item.state, item.step) : (item[by] ?? '');

/** Sorts the items by a column. */
export function sortItems(items: readonly Item[], { by, isDescending }: Order): readonly Item[] {
  const compare = (a: Item, b: Item) => textOf(a, by).localeCompare(textOf(b, by), 'en', { numeric: true });
  return items.toSorted((a, b) => (isDescending ? compare(b, a) : compare(a, b)));
}

export function NoMatches({ chosen }: { chosen: FilterChoice }) {
  if (!isFiltered(chosen)) {
    return (
      <Empty title="No user has signed up yet.">
        A sign-up event at <code>POST /v1/events</code>, or <code>onward start &lt;user&gt;</code>, starts a journey.
      </Empty>
    );
  }
  return (
    <Empty title="No user matches.">
      Remove a filter to see more. Search finds ids by how they begin. A journey that has ended is listed until the
      namespace’s retention period is over.
    </Empty>
  );
}
