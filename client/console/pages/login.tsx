import { useEffect, useRef, useState } from 'preact/hooks';
import { session } from './doors.js';
import { Problem } from './parts.js';

/** The way in: a token, which the browser then keeps as a session that no script reads. */
export function Login({ entered }: { entered: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await session.begin(field.current?.value ?? '');
      entered();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      field.current?.select();
    }
  };
  return (
    <main class="login">
      <form class="card" onSubmit={submit}>
        <h1>
          <img src="/console/icon.svg" alt="" width="28" height="28" /> Onward
        </h1>
        <label>
          Token of a viewer or an operator
          <input ref={field} id="token" type="password" autocomplete="current-password" required />
        </label>
        {problem !== undefined && <Problem>{problem}</Problem>}
        <button class="primary">Log in</button>
        <p class="quiet">
          Tokens stand in <code>ONWARD_TOKENS</code>; <code>npm start</code> prints the ones that it has made.
        </p>
      </form>
    </main>
  );
}
