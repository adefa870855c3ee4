import { isObject, refuse, type Outcome, type Reply } from './http.ts';

/** The provider's calls, by the names that logs and scripts use. */
export const CALLS = ['send', 'confirm', 'read', 'register'] as const;
export type Call = (typeof CALLS)[number];

const NAMED = ['ok', 'html', 'reset-before', 'reset-after', 'legacy-sms'] as const;

/** A reply in place of the work. `retryAfter` in seconds; without `body` the provider's usual text for that status. */
export interface StatusFault {
  status: number;
  body?: unknown;
  retryAfter?: number;
  contentType?: string;
}

/** A wait in ms before what follows, which is the work itself unless `then` says otherwise. */
export interface DelayFault {
  delay: number;
  then?: Fault;
}

/** One thing that happens to one request. `ok` is no fault at all, `reset-after` does the work and loses the reply. */
export type Fault = (typeof NAMED)[number] | StatusFault | DelayFault;

const USUAL_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'User not found',
  422: 'Unprocessable entity',
  429: 'Too many requests',
  500: 'Internal server error',
  502: 'Bad gateway',
  503: 'Service unavailable',
  504: 'Gateway timeout',
};

const WEB_PAGE: Reply = {
  status: 200,
  body: '<!doctype html><title>Just a moment</title><p>Checking your connection.</p>',
  headers: { 'content-type': 'text/html; charset=utf-8' },
};

/** Takes a fault and the work it befalls, gives what the client sees. `wait` takes ms. */
export async function perform(fault: Fault, work: () => Reply, wait: (ms: number) => Promise<void>): Promise<Outcome> {
  if (fault === 'ok') return work();
  if (fault === 'html') return WEB_PAGE;
  if (fault === 'reset-before') return fault;
  if (fault === 'reset-after') return (work(), fault);
  if (fault === 'legacy-sms') return renameNumber(work());
  if ('status' in fault) return statusReply(fault);
  await wait(fault.delay);
  return perform(fault.then ?? 'ok', work, wait);
}

/** Gives the usual refusal of a status, `{"error": "<text>"}`. */
export function usualRefusal(status: number): Reply {
  return refuse(status, USUAL_TEXT[status] ?? `Status ${status}`);
}

/** Gives a fault's short name for the log, or `null` for none. Bodies stay out of it. */
export function nameOf(fault: Fault): string | null {
  if (fault === 'ok') return null;
  if (typeof fault === 'string') return fault;
  if ('status' in fault) return `status ${fault.status}`;
  const next = fault.then === undefined ? null : nameOf(fault.then);
  return next === null ? `delay ${fault.delay}` : `delay ${fault.delay}, ${next}`;
}

/** Tells whether a value from outside is a fault. */
export function isFault(value: unknown): value is Fault {
  if (typeof value === 'string') return (NAMED as readonly string[]).includes(value);
  if (!isObject(value)) return false;
  if ('delay' in value) return isBetween(value['delay'], 0, 600_000) && (!('then' in value) || isFault(value['then']));
  const { status, retryAfter, contentType } = value;
  // Below 200 are interim replies, after which a client goes on waiting for the real one.
  if (!Number.isInteger(status) || !isBetween(status, 200, 599)) return false;
  return (
    (retryAfter === undefined || isBetween(retryAfter, 0, 86_400)) &&
    // A line break would make the header unsendable.
    (contentType === undefined || (typeof contentType === 'string' && /^[\x20-\x7e]+$/.test(contentType)))
  );
}

/** Tells whether a value from outside names a call. */
export function isCall(value: unknown): value is Call {
  return (CALLS as readonly unknown[]).includes(value);
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}

function statusReply(fault: StatusFault): Reply {
  const headers: Record<string, string> = {};
  if (fault.retryAfter !== undefined) headers['retry-after'] = String(fault.retryAfter);
  if (fault.contentType !== undefined) headers['content-type'] = fault.contentType;
  return { status: fault.status, body: fault.body ?? usualRefusal(fault.status).body, headers };
}

function renameNumber(reply: Reply): Reply {
  if (!isObject(reply.body) || !isObject(reply.body['data'])) return reply;
  const { phone_number: number, ...rest } = reply.body['data'];
  return number === undefined ? reply : { ...reply, body: { data: { ...rest, email: number } } };
}
