import { isUtf8 } from 'node:buffer';
import { Webhook } from 'standardwebhooks';
import { accountTypes } from '../../workflows/context.ts';
import type { AccountType } from '../../workflows/context.ts';
import { BadRequest } from '../errors.ts';
import type { EventRules } from '../settings.ts';
import { Refused } from './problems.ts';

/** What a sign-up event says; `null` where it is none. */
export interface SignupEvent {
  readonly isSignup: boolean;
  readonly userId: string | null;
  readonly accountType: AccountType | null;
  /** Milliseconds since 1970; `null` where the event does not say. */
  readonly at: number | null;
}

/**
 * Verifies a delivery by Standard Webhooks: any of the secrets, over the raw body, at most five minutes old.
 *
 * @throws Refused `bad_signature`, which does not say what was wrong with it
 */
export function verify(body: Buffer, given: Record<string, string>, secrets: readonly string[]): void {
  const headers = standard(given);
  const signed = secrets.some((secret) => {
    try {
      new Webhook(secret).verify(body, headers, { jsonParse: false });
      return true;
    } catch {
      return false;
    }
  });
  if (!signed) throw new Refused('bad_signature');
}

const HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

/** Svix, by which Clerk sends, signs in the same way and names its headers after itself (https://docs.svix.com/receiving/verifying-payloads/how-manual). */
function standard(given: Record<string, string>): Record<string, string> {
  const named = HEADERS.map((name) => [name, given[name] ?? given[name.replace('webhook', 'svix')] ?? '']);
  return Object.fromEntries(named) as Record<string, string>;
}

/**
 * Reads an event by the policy's rules: one's own, Clerk's or Auth0's, or a CloudEvent in structured mode.
 *
 * @throws BadRequest naming the place in the event
 */
export function readEvent(body: Buffer, rules: EventRules): SignupEvent {
  const event = parse(body);
  const isSignup = rules.types.includes(String(event['type']));
  const userId = at(event, rules.userId);
  if (!isSignup) return { isSignup, userId: typeof userId === 'string' ? userId : null, accountType: null, at: null };
  if (typeof userId !== 'string') throw wrong(rules.userId, 'holds the user id, a string');
  const accountType = at(event, rules.accountType.at) ?? rules.accountType.default;
  if (!isAccountType(accountType)) throw wrong(rules.accountType.at, `is one of ${accountTypes.join(', ')}`);
  return { isSignup, userId, accountType, at: timeOf(event) };
}

function isAccountType(value: unknown): value is AccountType {
  return accountTypes.some((type) => type === value);
}

type Json = Record<string, unknown>;

function parse(body: Buffer): Json {
  if (!isUtf8(body)) throw new BadRequest('body', 'the body is JSON in UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw new BadRequest('body', 'the body is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadRequest('body', 'an event is a JSON object');
  }
  if (typeof (value as Json)['type'] !== 'string') throw wrong('/type', 'names the type of the event, a string');
  return value as Json;
}

/** Standard Webhooks and Clerk have `timestamp` (text, or milliseconds), CloudEvents have `time`. */
function timeOf(event: Json): number | null {
  const field = 'specversion' in event ? 'time' : 'timestamp';
  const given = event[field];
  if (given === undefined || given === null) return null;
  const time = typeof given === 'string' ? Date.parse(given) : given;
  if (typeof time !== 'number' || Number.isNaN(time)) throw wrong(`/${field}`, 'is a time as in RFC 3339');
  return time;
}

/** What a JSON pointer finds (RFC 6901). */
function at(event: unknown, pointer: string): unknown {
  const names = pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((value, name) => {
    const has = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    return has ? (value as Json)[name] : undefined;
  }, event);
}

const wrong = (pointer: string, right: string) => new BadRequest(pointer, `${pointer} ${right}`);
