import { formatTimesIn } from '#format-time';
import { requestJson, sendRequest } from '#http-request';
import { OnwardClient, Problem } from 'onward/client';
import type { ListRequest, Principal } from 'onward/client';

/** The console's access to the gateway. The session cookie authenticates every request. */

export type Filter = Omit<ListRequest, 'limit' | 'cursor'>;

let handleSessionEnd = () => {};
/** Sets the callback for the end of the session. */
export function onSessionEnd(act: () => void): void {
  handleSessionEnd = act;
}

const fetchInSession: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (response.status === 401) handleSessionEnd();
  return response;
};

export const client = new OnwardClient({ url: location.origin, fetch: fetchInSession });

/** Returns the message of an error, with its times formatted for people. */
export function messageOf(error: unknown): string {
  return formatTimesIn(error instanceof Error ? error.message : String(error));
}

const endpoint = { url: location.origin, fetch: fetch.bind(globalThis) };
const SESSION = '/console/session';

export const session = {
  load: () => requestJson<Principal>(endpoint, { method: 'GET', path: SESSION }, ['role', 'name']),
  create: (token: string) => sendRequest(endpoint, { method: 'POST', path: SESSION, body: { token } }),
  end: () => sendRequest(endpoint, { method: 'DELETE', path: SESSION }),
};

const OIDC = '/console/oidc';

/** The login by OpenID Connect. */
export const oidc = {
  /** Returns the provider's name; `null` if people log in only with a token. */
  provider: () => requestJson<{ readonly name: string | null }>(endpoint, { method: 'GET', path: OIDC }, ['name']),
  begin: (returnTo: string) =>
    requestJson<{ readonly url: string }>(endpoint, { method: 'POST', path: OIDC, body: { returnTo } }, ['url']),
};

const RECONNECT_DELAY_MS = 3_000;

/**
 * Subscribes to an event stream. A broken connection is re-established by the browser or, after a reply that is not a stream,
 * here. Each failure also checks whether the session has ended.
 *
 * @param handlers by event name
 * @param onDisconnect called when the connection breaks
 * @returns a function that ends the subscription
 */
export function subscribe(
  path: string,
  handlers: Readonly<Record<string, (data: unknown) => void>>,
  onDisconnect: () => void,
): () => void {
  let isClosed = false;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connect = () => {
    const opened = new EventSource(path);
    source = opened;
    for (const [name, act] of Object.entries(handlers)) {
      opened.addEventListener(name, (event: MessageEvent<string>) => act(JSON.parse(event.data)));
    }
    opened.addEventListener('error', () => {
      onDisconnect();
      if (isClosed || opened.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, RECONNECT_DELAY_MS);
      session.load().catch((error: unknown) => {
        if (error instanceof Problem && error.status === 401) handleSessionEnd();
      });
    });
  };
  connect();
  return () => {
    isClosed = true;
    clearTimeout(timer);
    source?.close();
  };
}
