import { isUtf8 } from 'node:buffer';
import { accountTypes } from '../../../workflows/journey/account-types.ts';
import type { AccountType } from '../../../workflows/journey/account-types.ts';
import { BadRequest } from '../../errors.ts';
import type { EventRules } from '../../config/policy-file.ts';
import { normalizeUserId } from '../../validation.ts';
import type { UserIdRule } from '../../validation.ts';
import { textOf, timeAt, userIdAt, valueAt } from './event-values.ts';

/** A parsed event: a sign-up, or an event of another type. */
export type SignupEvent =
  | {
      readonly isSignup: true;
      readonly userId: string;
      readonly accountType: AccountType;
      /** Milliseconds since 1970; `null` if the event has no time. */
      readonly at: number | null;
      /** As the event has it; `undefined` if it has none. */
      readonly timeZone: string | undefined;
    }
  | {
      readonly isSignup: false;
      readonly type: string;
      /** `null` if the event has none or an invalid one. */
      readonly userId: string | null;
    };

/**
 * Parses an event by the policy's rules: your own, an identity provider's, or a CloudEvent in structured mode.
 *
 * @throws BadRequest naming the place in the event
 */
export function readEvent(body: Buffer, rules: EventRules, userIds: UserIdRule): SignupEvent {
  const event = parse(body);
  const type = textOf(valueAt(event, rules.type));
  if (type === undefined) throw wrong(rules.type, 'must be the type of the event, a string');
  if (!rules.types.includes(type)) return { isSignup: false, type, userId: userIdOf(event, rules, userIds) };
  const timePointer = rules.time ?? ('specversion' in event ? '/time' : '/timestamp');
  return {
    isSignup: true,
    userId: normalizeUserId(userIdAt(event, rules), userIds),
    accountType: accountTypeOf(event, rules),
    at: timeAt(event, timePointer),
    timeZone: rules.timeZone === undefined ? undefined : textOf(valueAt(event, rules.timeZone)),
  };
}

/** Reads the user id of an ignored event. An invalid id does not reject it. */
function userIdOf(event: object, rules: EventRules, userIds: UserIdRule): string | null {
  try {
    return normalizeUserId(userIdAt(event, rules), userIds);
  } catch (error) {
    if (error instanceof BadRequest) return null;
    throw error;
  }
}

function accountTypeOf(event: object, { accountType: { at, default: fallback, map = {} } }: EventRules): AccountType {
  const value = valueAt(event, at);
  if (value === undefined || value === null) return fallback;
  const text = typeof value === 'boolean' ? String(value) : textOf(value);
  const accountType = text !== undefined && Object.hasOwn(map, text) ? map[text] : text;
  if (isAccountType(accountType)) return accountType;
  const validTypes = [...accountTypes, ...Object.keys(map).map((key) => (key === '' ? "''" : key))];
  throw wrong(at, `must be one of ${validTypes.join(', ')}; events.accountType.map in the policy adds others`);
}

function isAccountType(value: unknown): value is AccountType {
  return accountTypes.some((type) => type === value);
}

const BYTE_ORDER_MARK = /^\uFEFF/;

function parse(body: Buffer): object {
  if (!isUtf8(body)) throw new BadRequest('body', 'the body must be JSON in UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(body.toString().replace(BYTE_ORDER_MARK, ''));
  } catch {
    throw new BadRequest('body', 'the body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadRequest('body', 'an event must be a JSON object');
  }
  return value;
}

const wrong = (pointer: string, right: string) => new BadRequest(pointer, `${pointer} ${right}`);
