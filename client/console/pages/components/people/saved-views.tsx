import { useEffect, useRef, useState } from 'preact/hooks';
import { addressOf, describeChosen, isEmpty } from '../../model/filter.js';
import type { FilterChoice } from '../../model/filter.js';
import { loadViews, removeView, saveView } from '../../model/saved-views.js';

/** The saved views as links, and the form that saves the present one. */
export function SavedViews({ chosen }: { chosen: FilterChoice }) {
  const [views, setViews] = useState(loadViews);
  const [isNaming, setNaming] = useState(false);
  const address = addressOf(chosen);
  const current = views.find((view) => view.address === address);
  const canSave = !isEmpty(chosen) && current === undefined;
  if (views.length === 0 && !canSave) return null;
  return (
    <nav class="views" aria-label="Saved views">
      {views.map((view) => (
        <a
          key={view.name}
          class="chip"
          href={view.address}
          {...(view === current && { 'aria-current': 'page' as const })}
        >
          {view.name}
        </a>
      ))}
      {current !== undefined && (
        <button class="plain" onClick={() => setViews(removeView(current.name))}>
          Remove this view
        </button>
      )}
      {canSave && !isNaming && (
        <button class="plain" onClick={() => setNaming(true)}>
          Save this view
        </button>
      )}
      {canSave && isNaming && (
        <NameForm
          suggestion={describeChosen(chosen)}
          save={(name) => {
            setViews(saveView({ name, address }));
            setNaming(false);
          }}
          cancel={() => setNaming(false)}
        />
      )}
    </nav>
  );
}

interface NameFormProps {
  readonly suggestion: string;
  readonly save: (name: string) => void;
  readonly cancel: () => void;
}

function NameForm({ suggestion, save, cancel }: NameFormProps) {
  const [name, setName] = useState(suggestion);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    if (name.trim() !== '') save(name.trim());
  };
  return (
    <form class="name-view" onSubmit={submit} onKeyDown={({ key }) => key === 'Escape' && cancel()}>
      <label for="view-name" class="visually-hidden">
        Name of the view
      </label>
      <input
        id="view-name"
        maxLength={40}
        value={name}
        ref={field}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button>Save view</button>
      <button type="button" onClick={cancel}>
        Back
      </button>
    </form>
  );
}
