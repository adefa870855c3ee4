import type { EndedSessions } from '../../sessions/ended-sessions.ts';
import type { OpenRequests } from './open-requests.ts';

const CHECK_INTERVAL_MS = 2_000;

/** Ends the open requests of sessions that were ended at another gateway, within seconds. */
export function endRequestsOfEndedSessions(open: OpenRequests, ended: EndedSessions, over: AbortSignal): void {
  const check = async (sessionId: string) => {
    if (await ended.hasEndedRecently(sessionId)) open.endSession(sessionId);
  };
  const timer = setInterval(() => {
    for (const sessionId of open.sessionIds) void check(sessionId);
  }, CHECK_INTERVAL_MS);
  timer.unref();
  over.addEventListener('abort', () => clearInterval(timer));
}
