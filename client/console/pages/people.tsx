import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Listing } from 'onward/client';
import { BulkDialog } from './bulk.js';
import { journeys } from './doors.js';
import type { Filter } from './doors.js';
import { addressOf, choices, choosing, chosenIn, fields, filterOf, isEmpty } from './filter.js';
import type { Chosen } from './filter.js';
import { useClock, useLoaded, useMayAct } from './live.js';
import { Empty, PlaceBadge, Problem } from './parts.js';
import { go, personAddress } from './route.js';
import { accountWords, ageWords, number, people, reasonWords, timeWords } from './words.js';

type Item = Listing['items'][number];

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

/** The pages of a list, as far as they were asked for. */
function usePages(filter: Filter) {
  const [state, setState] = useState<{
    readonly items: readonly Item[];
    readonly next: string | null;
    readonly of?: Filter;
  }>({
    items: [],
    next: null,
  });
  const [isLoading, setLoading] = useState(true);
  const [problem, setProblem] = useState<string>();
  const [turn, setTurn] = useState(0);
  const newest = useRef(0);
  const load = async (cursor?: string) => {
    const number = (newest.current += 1);
    setLoading(true);
    try {
      const { items, next } = await journeys.list(filter, cursor);
      if (number !== newest.current) return;
      setState((before) => ({ items: cursor === undefined ? items : [...before.items, ...items], next, of: filter }));
      setProblem(undefined);
    } catch (error) {
      if (number === newest.current) setProblem(error instanceof Error ? error.message : String(error));
    }
    if (number === newest.current) setLoading(false);
  };
  useEffect(() => void load(), [filter, turn]);
  const { items, next, of } = state;
  const more = next === null ? undefined : () => void load(next);
  return {
    items: of === filter ? items : [],
    more,
    problem,
    isLoading: isLoading || of !== filter,
    again: () => setTurn(turn + 1),
  };
}

function Search({ chosen, field }: { chosen: Chosen; field: { current: HTMLInputElement | null } }) {
  const [text, setText] = useState(chosen.userId);
  useEffect(() => setText(chosen.userId), [chosen.userId]);
  const submit = (event: Event) => {
    event.preventDefault();
    go(addressOf({ ...chosen, userId: text.trim() }));
  };
  return (
    <form class="search" role="search" onSubmit={submit}>
      <label for="search" class="unseen">
        User id
      </label>
      <input
        id="search"
        ref={field}
        type="search"
        placeholder="A user id, whole"
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button>Find</button>
    </form>
  );
}

function Chips({ chosen }: { chosen: Chosen }) {
  return (
    <div class="filters">
      {fields.map((field) => (
        <fieldset key={field} class="chips">
          <legend>{choices[field].label}</legend>
          {choices[field].chips.map(({ value, words }) => {
            const isOn = chosen.fields[field] === value;
            const next = choosing(chosen, field, isOn ? undefined : value);
            return (
              <button key={value} class="chip" aria-pressed={isOn} onClick={() => go(addressOf(next))}>
                {words}
              </button>
            );
          })}
        </fieldset>
      ))}
      {!isEmpty(chosen) && (
        <a class="clear" href="/console/people">
          Clear all
        </a>
      )}
    </div>
  );
}

interface ListProps {
  readonly items: readonly Item[];
  readonly selected: ReadonlySet<string>;
  readonly toggle: ((id: string) => void) | undefined;
  readonly active: number;
  readonly activate: (index: number) => void;
}

function List({ items, selected, toggle, active, activate }: ListProps) {
  const clock = useClock(5_000);
  if (items.length === 0) return null;
  return (
    <table class="people">
      <thead>
        <tr>
          {toggle !== undefined && (
            <th scope="col">
              <span class="unseen">Select</span>
            </th>
          )}
          <th scope="col">User</th>
          <th scope="col">Stands at</th>
          <th scope="col">Reason</th>
          <th scope="col">For</th>
          <th scope="col">Account</th>
          <th scope="col">Started</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item, index) => {
          const { userId, state, step, reason, since, accountType, startedAt } = item;
          return (
            <tr key={userId} class={index === active ? 'active' : ''} onFocusCapture={() => activate(index)}>
              {toggle !== undefined && (
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Select ${userId}`}
                    checked={selected.has(userId)}
                    onChange={() => toggle(userId)}
                  />
                </td>
              )}
              <th scope="row">
                <a href={personAddress(userId)}>{userId}</a>
              </th>
              <td>
                <PlaceBadge state={state} step={step} />
              </td>
              <td>{reason === null ? '' : reasonWords[reason]}</td>
              <td title={timeWords(since)}>{ageWords(since, clock)}</td>
              <td>{accountType === null ? '' : accountWords[accountType]}</td>
              <td title={timeWords(startedAt)}>{ageWords(startedAt, clock)} ago</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Nobody({ chosen }: { chosen: Chosen }) {
  if (isEmpty(chosen)) {
    return (
      <Empty title="Nobody has signed up yet.">
        A sign-up event at <code>POST /v1/events</code>, or <code>onward start &lt;user&gt;</code>, begins a journey.
      </Empty>
    );
  }
  return (
    <Empty title="Nobody matches.">
      Every chip narrows; take one away to see more. A user is found by the whole id, and a journey that has ended is
      listed until the namespace’s retention has passed.
    </Empty>
  );
}

interface KeysOptions {
  readonly items: readonly Item[];
  readonly search: { current: HTMLInputElement | null };
  readonly toggle: ((id: string) => void) | undefined;
}

/** `j` and `k` go down and up, `enter` opens, `x` selects, `/` searches. */
function useKeys(options: KeysOptions) {
  const [active, show] = useState(-1);
  // Keys may come faster than the page is drawn: what they act on is not what was drawn last.
  const now = useRef({ ...options, active });
  Object.assign(now.current, options);
  const setActive = (index: number) => {
    now.current.active = index;
    show(index);
  };
  useEffect(() => setActive(-1), [options.items[0]?.userId]);
  useEffect(() => {
    const act = (event: KeyboardEvent) => {
      const { items, search, toggle, active } = now.current;
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return;
      if (key === 'Escape' && target === search.current) return target.blur();
      if (target.closest('input:not([type=checkbox]), textarea, dialog') !== null) return;
      const user = items[active]?.userId;
      const to = (index: number) => {
        const next = Math.min(items.length - 1, Math.max(0, index));
        setActive(next);
        document.querySelectorAll('table.people tbody tr')[next]?.scrollIntoView({ block: 'nearest' });
      };
      if (key === 'j') to(active + 1);
      else if (key === 'k') to(active - 1);
      else if (key === 'x' && user !== undefined) toggle?.(user);
      else if (key === '/') search.current?.focus();
      else if (key === 'Enter' && user !== undefined && target.closest('a, button') === null) go(personAddress(user));
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', act);
    return () => removeEventListener('keydown', act);
  }, []);
  return { active, setActive };
}
