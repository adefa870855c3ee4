import { LRUCache } from 'lru-cache';
import type { Session } from './sessions.ts';

/** Sessions whose end is remembered for requests that were authenticated before it. */
const MAX_ENDED_SESSIONS = 10_000;

/** The open event streams and long-polls of browser sessions, which end with their session. */
export class OpenRequests {
  readonly #bySession = new Map<string, Set<() => void>>();
  readonly #ended = new LRUCache<string, true>({ max: MAX_ENDED_SESSIONS });

  /** The sessions that have open requests. */
  get sessionIds(): readonly string[] {
    return [...this.#bySession.keys()];
  }

  /**
   * Calls `end` when the session ends or expires, immediately if it has ended since the request was authenticated.
   *
   * @param session `null` for a request that was authenticated by a token
   * @returns a function that forgets the request
   */
  add(session: Pick<Session, 'id' | 'expiresAt'> | null, end: () => void): () => void {
    if (session === null) return () => {};
    const { id, expiresAt } = session;
    if (this.#ended.has(id)) {
      end();
      return () => {};
    }
    const requests = this.#bySession.get(id) ?? new Set();
    this.#bySession.set(id, requests.add(end));
    const expiry = setTimeout(end, expiresAt - Date.now()).unref();
    return () => {
      clearTimeout(expiry);
      requests.delete(end);
      if (requests.size === 0) this.#bySession.delete(id);
    };
  }

  /** Ends the open requests of a session, and all that open later. */
  endSession(sessionId: string): void {
    this.#ended.set(sessionId, true);
    for (const end of this.#bySession.get(sessionId) ?? []) end();
  }
}
