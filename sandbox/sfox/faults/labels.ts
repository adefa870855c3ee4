import type { Call, Fault } from './faults.ts';
import type { AccountType, Channel } from '../channels.ts';
import type { RecordKind } from '../record-kinds.ts';

/** The effect of a label in a user id. `once` is queued for the first requests; `always` applies if the queue is empty. */
export interface Label {
  description: string;
  accountType?: AccountType;
  verified?: readonly Channel[];
  record?: RecordKind;
  once?: Partial<Record<Call, readonly Fault[]>>;
  always?: Partial<Record<Call, Fault>>;
}

const onEveryCall = (fault: Fault) => ({ send: fault, confirm: fault, read: fault, register: fault });
const onKnownUser = (fault: Fault) => ({ send: fault, confirm: fault, read: fault });

/** Every label, by name. A user id can contain several, as in `joe.lost-reply` or `mia.business.slow`. */
export const LABELS: Readonly<Record<string, Label>> = {
  business: { description: 'a business account: e-mail only', accountType: 'corporation' },
  corporation: { description: "the same as business, in the provider's terms", accountType: 'corporation' },
  'email-verified': { description: 'the e-mail is verified already', verified: ['email'] },
  'both-verified': { description: 'e-mail and phone are verified already', verified: ['email', 'sms'] },
  'unknown-user': { description: 'the provider knows no such user: 404', always: onKnownUser({ status: 404 }) },
  unsupported: {
    description: 'the provider does not serve the user: the record says UNSUPPORTED',
    record: 'unsupported',
  },
  silent: { description: 'the record mentions no requirement', record: 'silent' },
  tiers: { description: 'the record has another shape, which the provider does not document', record: 'tiers' },
  documents: { description: 'the record also wants documents', record: 'documents' },
  refused: {
    description: 'every send is rejected: 422 with an unexpected text',
    always: { send: { status: 422, body: { error: 'Account is not eligible' } } },
  },
  'wrong-key': { description: 'the key is rejected: 401 on every call', always: onEveryCall({ status: 401 }) },
  'rate-limited': {
    description: 'the first send is answered 429 with Retry-After: 1',
    once: { send: [{ status: 429, retryAfter: 1 }] },
  },
  'rate-limited-silent': {
    description: 'the first send is answered 429 without Retry-After',
    once: { send: [{ status: 429 }] },
  },
  maintenance: { description: 'the provider is unavailable: 503 on every call', always: onEveryCall({ status: 503 }) },
  'lost-reply': {
    description: 'the first send: the code is sent, then the connection is reset',
    once: { send: ['reset-after'] },
  },
  'lost-request': {
    description: 'the first send: the connection is reset before anything is done',
    once: { send: ['reset-before'] },
  },
  'lost-verdict': {
    description: 'the first confirm: the code is checked, then the connection is reset',
    once: { confirm: ['reset-after'] },
  },
  slow: { description: 'every call takes two seconds', always: onEveryCall({ delay: 2000 }) },
  html: { description: 'the first send is answered 200 with a web page; no code is sent', once: { send: ['html'] } },
  error: { description: 'the first send is answered 500; no code is sent', once: { send: [{ status: 500 }] } },
  'legacy-sms': {
    description: 'the reply to an sms has the number in the field `email`, as an older page of the provider documents',
    always: { send: 'legacy-sms' },
  },
};

/** Returns the labels of a user id in order. The separators are `.` and `:`, since labels contain hyphens. */
export function labelsOf(userId: string): Label[] {
  const own = userId.split(/[.:]/).map((part) => (Object.hasOwn(LABELS, part) ? LABELS[part] : undefined));
  return own.filter((label) => label !== undefined);
}
