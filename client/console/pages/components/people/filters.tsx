import { useEffect, useState } from 'preact/hooks';
import { addressOf, choices, withField, fields, isFiltered } from '../../model/filter.js';
import type { FilterChoice } from '../../model/filter.js';
import { go } from '../../router.js';

/** The search field and the filters of the People screen. */

/** Searches once the typing pauses. */
const TYPING_PAUSE_MS = 250;

export function Search({ chosen, field }: { chosen: FilterChoice; field: { current: HTMLInputElement | null } }) {
  const [text, setText] = useState(chosen.userId);
  useEffect(() => setText(chosen.userId), [chosen.userId]);
  const wanted = text.trim();
  const search = () => wanted !== chosen.userId && go(addressOf({ ...chosen, userId: wanted }), { replace: true });
  useEffect(() => {
    const timer = setTimeout(search, TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const submit = (event: Event) => {
    event.preventDefault();
    search();
  };
  return (
    <form class="search" role="search" onSubmit={submit}>
      <label for="search" class="visually-hidden">
        Beginning of the user id
      </label>
      <input
        id="search"
        ref={field}
        type="search"
        placeholder="User id, or how it begins"
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
    </form>
  );
}

/** A filter for each field. Those in use are marked. */
export function Filters({ chosen }: { chosen: FilterChoice }) {
  return (
    <div class="filters" role="group" aria-label="Filters">
      {fields.map((field) => {
        const { label, chips } = choices[field];
        const value = chosen.fields[field] ?? '';
        return (
          <select
            key={field}
            class={value === '' ? 'pill' : 'pill on'}
            aria-label={label}
            value={value}
            onChange={({ currentTarget }) =>
              go(addressOf(withField(chosen, field, currentTarget.value === '' ? undefined : currentTarget.value)))
            }
          >
            <option value="">{label}: any</option>
            {chips.map((chip) => (
              <option key={chip.value} value={chip.value}>
                {value === chip.value ? `${label}: ${chip.words}` : chip.words}
              </option>
            ))}
          </select>
        );
      })}
      {isFiltered(chosen) && (
        <a class="clear" href="/console/people">
          Clear all
        </a>
      )}
    </div>
  );
}
