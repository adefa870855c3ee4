import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Status } from 'onward/client';
import { client } from '../api.js';
import { useIsOperator, useLive } from '../hooks/live.js';
import { entriesFor, peopleOfActions } from '../model/palette.js';
import type { PaletteEntry } from '../model/palette.js';
import { go, useRoute } from '../router.js';

const MAX_PEOPLE = 6;
const MAX_ENTRIES = 16;
const TYPING_PAUSE_MS = 150;

/** The button that opens the command palette, and the palette: by ⌘K or Ctrl K from every screen. */
export function Palette() {
  const [isOpen, setOpen] = useState(false);
  // Added together with the button: `useEffect` would wait for the next frame, and a key pressed before it would be lost.
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      // A dialog that is open comes first.
      if (document.querySelector('dialog[open]:not(.palette)') === null) setOpen((before) => !before);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <>
      <button class="jump" onClick={() => setOpen(true)}>
        <span>Go to or run …</span> <kbd>Ctrl K</kbd>
      </button>
      {isOpen && <PaletteDialog close={() => setOpen(false)} />}
    </>
  );
}

function PaletteDialog({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const entries = useEntries(text.trim());
  const current = Math.min(active, entries.length - 1);
  // Before the next key: what is typed right after Ctrl K goes into the field.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    dialog.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const run = (entry: PaletteEntry | undefined) => {
    if (entry === undefined || entry.whyNot !== undefined) return;
    close();
    go(entry.href);
    scrollTo(0, 0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { length } = entries;
    if (event.key === 'ArrowDown') setActive((current + 1) % Math.max(1, length));
    else if (event.key === 'ArrowUp') setActive((current + length - 1) % Math.max(1, length));
    else if (event.key === 'Enter') run(entries[current]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Command palette"
      onClose={close}
      onClick={({ target }) => target === dialog.current && close()}
    >
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={entries.length === 0 ? undefined : `command-${current}`}
        aria-label="Person, screen, filter or action"
        placeholder="A user id, a screen, a filter, or “pause ada”"
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <Options entries={entries} current={current} run={run} />
    </dialog>
  );
}

interface OptionsProps {
  readonly entries: readonly PaletteEntry[];
  readonly current: number;
  readonly run: (entry: PaletteEntry) => void;
}

function Options({ entries, current, run }: OptionsProps) {
  return (
    <>
      <ul id="commands" role="listbox" aria-label="Commands">
        {entries.map((entry, index) => (
          <li
            key={entry.href}
            id={`command-${index}`}
            role="option"
            aria-selected={index === current}
            aria-disabled={entry.whyNot !== undefined}
            onClick={() => run(entry)}
          >
            {entry.label}
            <span class="quiet">{entry.whyNot ?? entry.group}</span>
          </li>
        ))}
      </ul>
      {entries.length === 0 && <p class="quiet">Nothing matches. Enter the beginning of a user id.</p>}
    </>
  );
}

/** The entries for a text. People are searched, and what is possible for them is read, once the typing pauses. */
function useEntries(text: string): readonly PaletteEntry[] {
  const isOperator = useIsOperator();
  const route = useRoute();
  const person = route.screen === 'person' ? route.id : undefined;
  const { now } = useLive();
  const [found, setFound] = useState<readonly string[]>([]);
  const [people, setPeople] = useState<readonly Status[]>([]);
  useEffect(() => {
    let current = true;
    // The last word, so that `pause ad` finds ada.
    const prefix = text.split(/\s+/).at(-1) ?? '';
    const search = async () => {
      const { items } = prefix === '' ? { items: [] } : await client.list({ userIdPrefix: prefix, limit: MAX_PEOPLE });
      const ids = items.map(({ userId }) => userId);
      const statuses = isOperator ? await statusesOf(peopleOfActions(text, person, ids)) : [];
      if (!current) return;
      setFound(ids);
      setPeople(statuses);
    };
    const timer = setTimeout(() => search().catch(() => current && setFound([])), TYPING_PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text]);
  return entriesFor(text, { isOperator, recovery: now?.recovery, found, people }).slice(0, MAX_ENTRIES);
}

/** The statuses of those who have a journey that can be read. */
async function statusesOf(ids: readonly string[]): Promise<readonly Status[]> {
  const statuses = await Promise.all(ids.map((id) => client.status(id).catch(() => undefined)));
  return statuses.filter((status) => status !== undefined);
}
