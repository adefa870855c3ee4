import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { BulkDialog } from '../components/bulk-dialog.js';
import { Filters, Search } from '../components/people/filters.js';
import { MatchBar } from '../components/people/match-bar.js';
import { SavedViews } from '../components/people/saved-views.js';
import { sortItems, List, NoMatches } from '../components/people/table.js';
import { chosenIn, filterOf } from '../model/filter.js';
import { useKeyboard } from '../hooks/use-keyboard.js';
import { useIsOperator } from '../hooks/live.js';
import { usePages } from '../hooks/use-pages.js';
import { Problem } from '../components/ui.js';

/** Lists journeys: search, filter, sort, select, and act on several at once. */
export function PeopleScreen({ query }: { query: URLSearchParams }) {
  const chosen = useMemo(() => chosenIn(query), [query.toString()]);
  // An age becomes a fixed time, so that the filter does not change while the page is open.
  const filter = useMemo(() => filterOf(chosen, Date.now()), [JSON.stringify(chosen.fields), chosen.userId]);
  const { more, problem, isLoading, ...pages } = usePages(filter);
  const isComplete = more === undefined;
  const items = useMemo(
    () => (isComplete ? sortItems(pages.items, chosen.order) : pages.items),
    [pages.items, isComplete, chosen.order],
  );
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [bulk, setBulk] = useState<'all' | 'selected'>();
  const isOperator = useIsOperator();
  useEffect(() => setSelected(new Set()), [filter]);
  const select = (ids: readonly string[], isSelected: boolean) =>
    setSelected((before) => new Set([...[...before].filter((id) => !ids.includes(id)), ...(isSelected ? ids : [])]));
  const search = useRef<HTMLInputElement>(null);
  const toggle = (id: string) => select([id], !selected.has(id));
  const { active, setActive } = useKeyboard({ items, search, toggle: isOperator ? toggle : undefined });
  return (
    <>
      <div class="title">
        <h1>People</h1>
        <SavedViews chosen={chosen} />
      </div>
      <div class="find">
        <Search chosen={chosen} field={search} />
        <Filters chosen={chosen} />
      </div>
      <MatchBar {...pages} chosen={chosen} filter={filter} selected={selected} act={setBulk} select={setSelected} />
      {problem !== undefined && <Problem>{problem}</Problem>}
      <List
        items={items}
        chosen={chosen}
        isComplete={isComplete}
        selected={selected}
        select={isOperator ? select : undefined}
        active={active}
        activate={setActive}
      />
      {items.length === 0 && !isLoading && <NoMatches chosen={chosen} />}
      {more !== undefined && (
        <button class="more" onClick={more} disabled={isLoading && pages.asOf === undefined}>
          Show more
        </button>
      )}
      <KeyboardHelp isOperator={isOperator} />
      {bulk !== undefined && pages.count !== undefined && (
        <BulkDialog
          filter={filter}
          count={pages.count}
          {...(bulk === 'selected' && { users: [...selected] })}
          close={() => {
            setBulk(undefined);
            pages.again();
          }}
        />
      )}
    </>
  );
}

function KeyboardHelp({ isOperator }: { isOperator: boolean }) {
  return (
    <p class="keys quiet">
      <kbd>j</kbd> <kbd>k</kbd> down and up · <kbd>enter</kbd> open
      {isOperator && (
        <>
          {' '}
          · <kbd>x</kbd> select
        </>
      )}{' '}
      · <kbd>/</kbd> search
    </p>
  );
}
