import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf, oidc, session } from '../api.js';
import { Problem } from '../components/ui.js';

/** The gateway redirects here from a login link that is not valid. */
function problemInAddress(): string | undefined {
  if (new URLSearchParams(location.search).get('login') !== 'invalid') return undefined;
  return 'This login link was used before, or it has expired. Log in with a token, or restart npm start for another link.';
}

/**
 * The login form. The gateway exchanges the token for a session cookie that scripts cannot read. With OpenID Connect, people
 * log in at its provider, which redirects the browser to the page that it was on.
 */
export function Login({ onLogin }: { onLogin: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState(problemInAddress);
  const [provider, setProvider] = useState<string | null>(null);
  useEffect(() => {
    field.current?.focus();
    oidc.provider().then(
      ({ name }) => setProvider(name),
      (error: unknown) => setProblem(messageOf(error)),
    );
  }, []);
  const logInAtProvider = async () => {
    try {
      const { url } = await oidc.begin(location.pathname + location.search);
      location.assign(url);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await session.create(field.current?.value.trim() ?? '');
      if (problemInAddress() !== undefined) history.replaceState(null, '', location.pathname);
      onLogin();
    } catch (error) {
      setProblem(messageOf(error));
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
          Viewer or operator token
          <input ref={field} id="token" type="password" autocomplete="current-password" required />
        </label>
        {problem !== undefined && <Problem>{problem}</Problem>}
        <button class="primary">Log in</button>
        {provider !== null && (
          <button type="button" onClick={logInAtProvider}>
            Sign in with {provider}
          </button>
        )}
        <p class="quiet">
          Tokens are configured in <code>ONWARD_TOKENS</code>; <code>npm start</code> prints the ones it generates.
        </p>
      </form>
    </main>
  );
}
