import { useEffect, useState } from 'preact/hooks';
import { addressOf, choices, choosing, fields, isEmpty } from './filter.js';
import type { Chosen } from './filter.js';
import { go } from './route.js';

/** How whom *People* shows is chosen. */

export function Search({ chosen, field }: { chosen: Chosen; field: { current: HTMLInputElement | null } }) {
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

export function Chips({ chosen }: { chosen: Chosen }) {
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
