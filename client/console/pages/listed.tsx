import { isEmpty } from './filter.js';
import type { Chosen } from './filter.js';
import { useClock } from './live.js';
import type { Item } from './pages.js';
import { Empty, PlaceBadge } from './parts.js';
import { personAddress } from './route.js';
import { accountWords, ageWords, reasonWords, timeWords } from './words.js';

interface ListProps {
  readonly items: readonly Item[];
  readonly selected: ReadonlySet<string>;
  readonly toggle: ((id: string) => void) | undefined;
  readonly active: number;
  readonly activate: (index: number) => void;
}

/** The rows of *People*. */
export function List({ items, selected, toggle, active, activate }: ListProps) {
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

export function Nobody({ chosen }: { chosen: Chosen }) {
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
