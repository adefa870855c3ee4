import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../api.js';
import { notify } from '../hooks/notices.js';
import type { Notice } from '../hooks/notices.js';
import { CopyButton } from './copy-button.js';
import { Problem } from './ui.js';

export interface DialogProps {
  readonly title: string;
  /** The consequence of the action, shown before it runs: one sentence that names the user. */
  readonly effect: ComponentChildren;
  /** The label of the submit button. */
  readonly verb: string;
  readonly dangerous?: boolean;
  /** The text to type as confirmation of an action that cannot be undone. */
  readonly typed?: string;
  /** Content between effect and reason. */
  readonly children?: ComponentChildren;
  /** Whether the fields of `children` are complete. Default: true. */
  readonly isComplete?: boolean;
  /** Returns the equivalent curl command. It has the idempotency key of the dialog, so both together run the action once. */
  readonly curl?: (reason: string, key: string) => string;
  /**
   * Runs the action, and returns a notice of what it did. Every attempt in one dialog has the same idempotency key, so the action runs
   * once.
   */
  readonly act: (reason: string, key: string) => Promise<Notice>;
  readonly close: () => void;
}

/** Shows the effect of an action, asks for a reason, and runs it. */
export function ActionDialog(props: DialogProps) {
  const { title, effect, verb, dangerous = false, typed, children, isComplete = true, curl, act, close } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [key] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState('');
  // A reason is one line, so a line break becomes a space.
  const line = reason.trim().replace(/\s+/g, ' ');
  const [confirmed, setConfirmed] = useState('');
  const { busy, problem, run } = useOnce(() => act(line, key), close);
  useLayoutEffect(() => dialog.current?.showModal(), []);

  const ready = line !== '' && isComplete && (typed === undefined || confirmed === typed) && !busy;
  const submit = (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    if (ready && event.currentTarget.reportValidity()) void run();
  };
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLFormElement }) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={close}>
      <form onSubmit={submit} onKeyDown={onKeyDown}>
        <h2 id="dialog-title">{title}</h2>
        <div class="effect" data-effect>
          {effect}
        </div>
        {children}
        <ReasonField value={reason} change={setReason} />
        {typed !== undefined && <ConfirmationField text={typed} value={confirmed} change={setConfirmed} />}
        {curl !== undefined && <Curl command={curl(line === '' ? '…' : line, key)} />}
        {problem !== undefined && <Problem>{problem}</Problem>}
        <footer>
          <span class="keys quiet">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd> sends
          </span>
          <button type="button" onClick={close}>
            Back
          </button>
          <button class={dangerous ? 'danger' : 'primary'} disabled={!ready}>
            {busy ? 'Working …' : verb}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

/** Runs an action, never twice at a time. Shows its notice and closes the dialog; after an error it can run again. */
function useOnce(act: () => Promise<Notice>, close: () => void) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  // A second click may come before Preact renders the disabled button.
  const inFlight = useRef(false);
  const run = async () => {
    if (inFlight.current) return;
    inFlight.current = true;
    setBusy(true);
    try {
      notify(await act());
      close();
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
      inFlight.current = false;
    }
  };
  return { busy, problem, run };
}

interface FieldProps {
  readonly value: string;
  readonly change: (value: string) => void;
}

function ReasonField({ value, change }: FieldProps) {
  return (
    <label>
      Reason
      <textarea
        name="reason"
        rows={2}
        maxLength={500}
        required
        placeholder="Recorded with your name, in the audit log"
        value={value}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
    </label>
  );
}

/** @param props.text the text to type */
function ConfirmationField({ text, value, change }: FieldProps & { readonly text: string }) {
  return (
    <label>
      <span>
        Type <code>{text}</code> to confirm
      </span>
      <input
        name="confirm"
        autocomplete="off"
        value={value}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
    </label>
  );
}

function Curl({ command }: { command: string }) {
  return (
    <details class="curl">
      <summary>Equivalent curl command</summary>
      <pre tabIndex={0} aria-label="Equivalent curl command">
        {command}
      </pre>
      <CopyButton text={command} label="Copy" />
    </details>
  );
}
