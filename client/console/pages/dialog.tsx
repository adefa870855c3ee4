import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from './parts.js';

export interface DialogProps {
  readonly title: string;
  /** What it will do, told before it is done. */
  readonly effect: ComponentChildren;
  /** On the button that does it. */
  readonly verb: string;
  readonly dangerous?: boolean;
  /** What has to be typed first, where the act cannot be taken back. */
  readonly typed?: string;
  /** What stands between effect and reason. */
  readonly children?: ComponentChildren;
  /** The same as a command for a shell, to be copied. */
  readonly curl?: (reason: string) => string;
  /** Done once for a dialog, however often the button is pressed: the key is the same. */
  readonly act: (reason: string, key: string) => Promise<unknown>;
  readonly close: () => void;
}

/** Shows what an act will do, asks why, and does it. */
export function ActDialog(props: DialogProps) {
  const { title, effect, verb, dangerous = false, typed, children, curl, act, close } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [key] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState('');
  // A reason is one line: whoever presses Enter in it means a space.
  const line = reason.trim().replace(/\s+/g, ' ');
  const [confirmed, setConfirmed] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => dialog.current?.showModal(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await act(line, key);
      close();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  const ready = line !== '' && (typed === undefined || confirmed === typed) && !busy;
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={close}>
      <form onSubmit={submit}>
        <h2 id="dialog-title">{title}</h2>
        <div class="effect" data-effect>
          {effect}
        </div>
        {children}
        <label>
          Reason
          <textarea
            name="reason"
            rows={2}
            maxLength={500}
            required
            placeholder="Why, in a few words: it stands in the timeline and in the audit log"
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </label>
        {typed !== undefined && (
          <label>
            Type <code>{typed}</code> to confirm
            <input
              name="confirm"
              autocomplete="off"
              value={confirmed}
              onInput={({ currentTarget }) => setConfirmed(currentTarget.value)}
            />
          </label>
        )}
        {curl !== undefined && <Curl command={curl(line === '' ? '…' : line)} />}
        {problem !== undefined && <Problem>{problem}</Problem>}
        <footer>
          <button type="button" onClick={close}>
            Back
          </button>
          <button class={dangerous ? 'danger' : 'primary'} disabled={!ready}>
            {busy ? 'Just a moment …' : verb}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

function Curl({ command }: { command: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(command).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <details class="curl">
      <summary>The same by curl</summary>
      <pre tabIndex={0} aria-label="The same by curl">
        {command}
      </pre>
      <button type="button" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </details>
  );
}
