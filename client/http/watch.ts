import { setTimeout as pause } from 'node:timers/promises';
import { eventsIn } from './events.ts';
import { knock } from './knock.ts';
import type { Where } from './knock.ts';
import { Problem } from './problem.ts';
import type { CallOptions, State, Status } from './types.ts';

/** The states in which a journey has ended. Written out, since the machine itself would bring XState with it. */
export const finalStates = ['done', 'expired', 'cancelled'] as const satisfies readonly State[];

const isFinal = (state: State) => finalStates.some((final) => final === state);

/** The gateway lets itself be heard every 15 s: whoever is silent for longer than this is gone. */
const SILENCE = 40_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/** Every change of a status until its final state, over as many connections as it takes. */
export async function* watch(
  where: Where,
  path: string,
  { signal }: CallOptions,
): AsyncGenerator<Status, void, undefined> {
  let last: string | null = null;
  let between = 0;
  for (;;) {
    try {
      for await (const { id, status } of connection(where, path, last, signal)) {
        last = id ?? last;
        between = FIRST_PAUSE;
        yield status;
        if (isFinal(status.state)) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      // Who never got in learns why; who was in once comes back.
      if (between === 0 || !mayPass(error)) throw error;
      between = Math.max(between, retryAfter(error));
    }
    await pause(between, undefined, signal === undefined ? {} : { signal });
    between = Math.min(Math.max(between, FIRST_PAUSE) * 2, LONGEST_PAUSE);
  }
}

async function* connection(where: Where, path: string, last: string | null, signal: AbortSignal | undefined) {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE);
  try {
    const response = await knock(where, {
      method: 'GET',
      path,
      headers: { accept: 'text/event-stream', ...(last !== null && { 'last-event-id': last }) },
      signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
    });
    if (response.body === null) return;
    const body = response.body as unknown as AsyncIterable<Uint8Array>;
    for await (const { id, data } of eventsIn(body, () => timer.refresh())) {
      yield { id, status: JSON.parse(data) as Status };
    }
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** Whether asking again may help: a broken connection, an outage, too many calls. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof Problem)) return true;
  return error.status === 0 || error.status === 429 || error.status >= 500;
}

function retryAfter(error: unknown): number {
  return error instanceof Problem ? (error.retryAfter ?? 0) * 1_000 : 0;
}
