import { isObject, refuse, type Outcome, type Reply } from '../http.ts';

/** The provider's calls, by their names in logs and scripts. */
export const CALLS = ['send', 'confirm', 'read', 'register', 'deactivate', 'list'] as const;
export type Call = (typeof CALLS)[number];

const NAMED = ['ok', 'html', 'reset-before', 'reset-after', 'legacy-sms', 'cut-off', 'cut-short'] as const;

/** A reply instead of the work. `retryAfter` in seconds; the default `body` is the provider's usual text for that status. */
export interface StatusFault {
  status: number;
  body?: unknown;
  retryAfter?: number;
  contentType?: string;
}

/** A delay in milliseconds before the work, or before the fault in `then`. */
export interface DelayFault {
  delay: number;
  then?: Fault;
}

/** Holds the request until the name is released, then does the work, or the fault in `then`. */
export interface HoldFault {
  hold: string;
  then?: Fault;
}

/** What happens to one request. `ok` means no fault; `reset-after` does the work and loses the reply. */
export type Fault = (typeof NAMED)[number] | StatusFault | DelayFault | HoldFault;

/** Every fault, in the form of the `faults` of a script, and its description. */
export const FAULT_DOCS: Readonly<Record<string, string>> = {
  '"ok"': 'no fault: the call is served',
  '"html"': 'answers 200 with a web page, and does nothing',
  '"reset-before"': 'resets the connection before anything is done',
  '"reset-after"': 'does the work, then resets the connection: the reply is lost',
  '"legacy-sms"':
    'does the work, and names the phone number `email` in the reply, as an older page of the provider shows',
  '"cut-off"': 'does the work, and closes the connection in the middle of the body',
  '"cut-short"': 'does the work, and ends the body in the middle, as if it were complete',
  '{"status":503}': 'answers this status with the provider’s usual text, and does nothing; 400 to 599',
  '{"status":429,"retryAfter":5}': 'the same with Retry-After, in seconds',
  '{"status":422,"body":{"error":"…"}}': 'the same with this body; "contentType" names another type than JSON',
  '{"delay":2000}': 'waits so many milliseconds, then does the work',
  '{"delay":2000,"then":"reset-after"}': 'waits, then another fault',
  '{"hold":"gate"}': 'waits until POST /sandbox/release {"hold":"gate"}, then does the work; "then" as with "delay"',
};

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

/** How a request is delayed: by milliseconds, or until a name is released. Rejects if the simulator closes meanwhile. */
export interface Waits {
  wait(ms: number): Promise<void>;
  hold(name: string): Promise<void>;
}

/** Applies a fault to the work of a request, and returns the outcome for the client. */
export async function perform(fault: Fault, work: () => Reply, waits: Waits): Promise<Outcome> {
  if (fault === 'ok') return work();
  if (fault === 'html') return WEB_PAGE;
  if (fault === 'reset-before') return fault;
  if (fault === 'reset-after') return (work(), fault);
  if (fault === 'legacy-sms') return renameNumber(work());
  if (fault === 'cut-off' || fault === 'cut-short') return { ...work(), cut: fault };
  if ('status' in fault) return statusReply(fault);
  await ('hold' in fault ? waits.hold(fault.hold) : waits.wait(fault.delay));
  return perform(fault.then ?? 'ok', work, waits);
}

/** Returns the provider's usual error reply for a status, `{"error": "<text>"}`. */
export function usualRefusal(status: number): Reply {
  return refuse(status, USUAL_TEXT[status] ?? `Status ${status}`);
}

/** Returns the short name of a fault for the log, without bodies; `null` for `ok`. */
export function nameOf(fault: Fault): string | null {
  if (fault === 'ok') return null;
  if (typeof fault === 'string') return fault;
  if ('status' in fault) return `status ${fault.status}`;
  const next = fault.then === undefined ? null : nameOf(fault.then);
  const waited = 'hold' in fault ? `hold ${fault.hold}` : `delay ${fault.delay}`;
  return next === null ? waited : `${waited}, ${next}`;
}

/** Returns whether a value of a request is a fault. */
export function isFault(value: unknown): value is Fault {
  if (typeof value === 'string') return (NAMED as readonly string[]).includes(value);
  if (!isObject(value)) return false;
  if ('delay' in value || 'hold' in value) {
    const { delay, hold } = value;
    const isHold = typeof hold === 'string' && hold !== '';
    const isWait = hold === undefined ? isBetween(delay, 0, 600_000) : delay === undefined && isHold;
    return isWait && (!('then' in value) || isFault(value['then']));
  }
  const { status, retryAfter, contentType } = value;
  // A status below 200 is an interim reply: the client would wait for the final one.
  if (!Number.isInteger(status) || !isBetween(status, 200, 599)) return false;
  return (
    (retryAfter === undefined || isBetween(retryAfter, 0, 86_400)) &&
    // A header value must not contain a line break.
    (contentType === undefined || (typeof contentType === 'string' && /^[\x20-\x7e]+$/.test(contentType)))
  );
}

/** Returns whether a value of a request is the name of a call. */
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
