import { useState } from 'preact/hooks';
import type { Note } from 'onward/client';
import { client, messageOf } from '../../api.js';
import { useClock, useIsOperator, useLoaded } from '../../hooks/live.js';
import { Card, Problem, Time } from '../ui.js';

const REFRESH_INTERVAL_MS = 10_000;

/**
 * Lists the notes of operators, and adds and removes them.
 *
 * @param props.userId the person; `null` for the shift
 */
export function NotesCard({ userId }: { userId: string | null }) {
  const clock = useClock();
  const isOperator = useIsOperator();
  const [problem, setProblem] = useState<string>();
  // Temporal lists a note a moment after it was written or removed.
  const [added, setAdded] = useState<readonly Note[]>([]);
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const loaded = useLoaded(
    () => (userId === null ? client.shiftNotes() : client.notes(userId)),
    [userId, Math.floor(clock / REFRESH_INTERVAL_MS)],
  );
  const listed = loaded.value?.items ?? [];
  const known = new Set(listed.map(({ id }) => id));
  const shown = [...added.filter(({ id }) => !known.has(id)), ...listed].filter(({ id }) => !removed.has(id));
  const attempt = (act: () => Promise<void>) =>
    act().then(
      () => setProblem(undefined),
      (error: unknown) => setProblem(messageOf(error)),
    );
  const add = async (text: string) => {
    const note = userId === null ? await client.addShiftNote({ text }) : await client.addNote(userId, { text });
    setAdded([note, ...added]);
  };
  const remove = async (id: string) => {
    await (userId === null ? client.removeShiftNote(id) : client.removeNote(userId, id));
    setRemoved(new Set([...removed, id]));
  };
  return (
    <Card title={userId === null ? 'Notes for the shift' : 'Notes'}>
      {(problem ?? loaded.problem) !== undefined && <Problem>{problem ?? loaded.problem}</Problem>}
      {shown.length === 0 && (
        <p class="quiet">{userId === null ? 'None. A note is stored for seven days.' : 'None.'}</p>
      )}
      <ul class="note-list">
        {shown.map(({ id, at, by, text }) => (
          <li key={id}>
            {text}{' '}
            <span class="quiet">
              {by.name}, <Time at={at} now={clock} />
            </span>{' '}
            {isOperator && (
              <button class="plain" aria-label={`Remove the note: ${text}`} onClick={() => attempt(() => remove(id))}>
                Remove
              </button>
            )}
          </li>
        ))}
      </ul>
      {isOperator && <NoteForm add={(text) => attempt(() => add(text))} />}
    </Card>
  );
}

function NoteForm({ add }: { add: (text: string) => Promise<void> }) {
  const [text, setText] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    await add(text.trim().replace(/\s+/g, ' '));
    setText('');
  };
  return (
    <form onSubmit={submit}>
      <label>
        New note
        <textarea
          name="note"
          rows={2}
          maxLength={1_000}
          required
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <button disabled={text.trim() === ''}>Add note</button>
    </form>
  );
}
