import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { BulkDialog } from './bulk.js';
import { Chips, Search } from './choosing.js';
import { journeys } from './doors.js';
import { chosenIn, filterOf, isEmpty } from './filter.js';
import { useKeys } from './keys.js';
import { List, Nobody } from './listed.js';
import { useLoaded, useMayAct } from './live.js';
import { usePages } from './pages.js';
import { Problem } from './parts.js';
import { number, people } from './words.js';

/** Who is where: found, filtered, chosen. */
export function PeopleScreen({ query }: { query: URLSearchParams }) {
  const chosen = useMemo(() => chosenIn(query), [query.toString()]);
  // An age means a time, which must not move on while the page is read.
  const filter = useMemo(() => filterOf(chosen, Date.now()), [chosen]);
  const { items, more, problem, isLoading, again } = usePages(filter);
  const counted = useLoaded(() => journeys.count(filter), [filter]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [bulk, setBulk] = useState<'all' | 'selected'>();
  const mayAct = useMayAct();
  useEffect(() => setSelected(new Set()), [filter]);
  const toggle = (id: string) =>
    setSelected((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]));
  const search = useRef<HTMLInputElement>(null);
  const { active, setActive } = useKeys({ items, search, toggle: mayAct ? toggle : undefined });
  const count = counted.value?.count;
  return (
    <>
      <h1>People</h1>
      <Search chosen={chosen} field={search} />
      <Chips chosen={chosen} />
      <div class="counted" role="status">
        <strong>{count === undefined ? 'Counting …' : people(count)}</strong>
        {isEmpty(chosen) ? ' in all' : ' match'}
        {mayAct && !isEmpty(chosen) && count !== undefined && count > 0 && (
          <button onClick={() => setBulk('all')}>Act on all {number(count)} that match …</button>
        )}
        {selected.size > 0 && (
          <>
            <button class="primary" onClick={() => setBulk('selected')}>
              Act on {number(selected.size)} selected …
            </button>
            <button onClick={() => setSelected(new Set())}>Select none</button>
          </>
        )}
      </div>
      {problem !== undefined && <Problem>{problem}</Problem>}
      <List
        items={items}
        selected={selected}
        toggle={mayAct ? toggle : undefined}
        active={active}
        activate={setActive}
      />
      {items.length === 0 && !isLoading && <Nobody chosen={chosen} />}
      {more !== undefined && (
        <button class="more" onClick={more} disabled={isLoading}>
          Show more
        </button>
      )}
      <p class="keys quiet">
        <kbd>j</kbd> <kbd>k</kbd> down and up · <kbd>enter</kbd> open
        {mayAct && (
          <>
            {' '}
            · <kbd>x</kbd> select
          </>
        )}{' '}
        · <kbd>/</kbd> search
      </p>
      {bulk !== undefined && count !== undefined && (
        <BulkDialog
          filter={filter}
          count={count}
          {...(bulk === 'selected' && { users: [...selected] })}
          close={() => {
            setBulk(undefined);
            again();
            counted.again();
          }}
        />
      )}
    </>
  );
}
