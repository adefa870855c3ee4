import type { Call, Fault } from './faults.ts';
import type { AccountType, Channel } from './users.ts';

/** What a label in a user id brings with it. `once` is used up, `always` answers whenever nothing else is queued. */
export interface Label {
  description: string;
  accountType?: AccountType;
  verified?: readonly Channel[];
  once?: Partial<Record<Call, readonly Fault[]>>;
  always?: Partial<Record<Call, Fault>>;
}

const onEveryCall = (fault: Fault) => ({ send: fault, confirm: fault, read: fault, register: fault });
const onKnownUser = (fault: Fault) => ({ send: fault, confirm: fault, read: fault });

/** Every label, by name: put one or more behind a name, as in `joe.lost-reply` or `mia.business.slow`. */
export const LABELS: Readonly<Record<string, Label>> = {
  business: { description: 'a business account: e-mail only', accountType: 'corporation' },
  corporation: { description: "the same as business, in the provider's own word", accountType: 'corporation' },
  'email-verified': { description: 'the e-mail is verified already', verified: ['email'] },
  'both-verified': { description: 'e-mail and phone are verified already', verified: ['email', 'sms'] },
  'unknown-user': { description: 'the provider knows no such user: 404', always: onKnownUser({ status: 404 }) },
  refused: {
    description: 'every send is refused: 422 with a text that nobody expects',
    always: { send: { status: 422, body: { error: 'Account is not eligible' } } },
  },
  'wrong-key': { description: 'the key is refused: 401 on every call', always: onEveryCall({ status: 401 }) },
  'rate-limited': {
    description: 'the first send is answered 429 with Retry-After: 1',
    once: { send: [{ status: 429, retryAfter: 1 }] },
  },
  'rate-limited-silent': {
    description: 'the first send is answered 429 without Retry-After',
    once: { send: [{ status: 429 }] },
  },
  maintenance: { description: 'the provider is away: 503 on every call', always: onEveryCall({ status: 503 }) },
  'lost-reply': {
    description: 'the first send: the code goes out, then the connection is reset',
    once: { send: ['reset-after'] },
  },
  'lost-request': {
    description: 'the first send: the connection is reset before anything is done',
    once: { send: ['reset-before'] },
  },
  'lost-verdict': {
    description: 'the first confirm: the code is judged, then the connection is reset',
    once: { confirm: ['reset-after'] },
  },
  slow: { description: 'every call takes two seconds', always: onEveryCall({ delay: 2000 }) },
  html: { description: 'the first send is answered 200 with a web page; no code goes out', once: { send: ['html'] } },
  error: { description: 'the first send is answered 500; no code goes out', once: { send: [{ status: 500 }] } },
  'legacy-sms': {
    description: 'the reply to an sms carries the number in the field `email`, as an older page of the provider shows',
    always: { send: 'legacy-sms' },
  },
};

/** Takes a user id, gives its labels in order. Parts are split at `.` and `:`, since labels contain hyphens. */
export function labelsOf(userId: string): Label[] {
  const own = userId.split(/[.:]/).map((part) => (Object.hasOwn(LABELS, part) ? LABELS[part] : undefined));
  return own.filter((label) => label !== undefined);
}
