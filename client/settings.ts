import { readFileSync } from 'node:fs';
import ms from 'ms';
import { parse } from 'yaml';
import { z } from 'zod';
import { accountTypes } from '../workflows/context.ts';
import type { AccountType } from '../workflows/context.ts';
import { defaultPolicy, MINUTE, SECOND } from '../workflows/policy.ts';
import type { Policy } from '../workflows/policy.ts';

/** A setting is wrong or missing. The message names it, says what is wrong, and shows a good one; it never shows a secret. */
export class SettingError extends Error {
  constructor(name: string, problem: string, example: string) {
    super(`${name} ${problem}; for example: ${example}`);
    this.name = 'SettingError';
  }
}

const LONGEST_DURATION = 365 * 24 * 3_600_000;

const duration = z.unknown().transform((given, context) => {
  const value = milliseconds(given);
  if (value >= 0 && value <= LONGEST_DURATION) return value;
  const shown = typeof given === 'string' ? `'${given}'` : JSON.stringify(given);
  const problem = value > LONGEST_DURATION ? 'is longer than 365 days' : 'is no duration';
  const message = `${shown} ${problem}: write a number and its unit, as in '30 s', '10 minutes' or '7 days'`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** Not a number where it is no duration; a number without a unit is none, since readers would differ about it. */
function milliseconds(given: unknown): number {
  if (typeof given !== 'string' || !/[a-z]$/i.test(given)) return Number.NaN;
  return ms(given as ms.StringValue) ?? Number.NaN;
}

const count = z.int().min(1).max(1_000);

/** The provider's rate is 250 requests in 10 s from one address. */
const MOST_PER_SECOND = 22;

/** What one worker tells journeys in a second, and one Temporal server takes. */
const MOST_JOURNEYS_PER_SECOND = 100;

const share = z.number().positive().max(MOST_PER_SECOND);

const pointer = z.string().regex(/^(\/([^~/]|~[01])*)+$/, "is a JSON pointer (RFC 6901), such as '/data/userId'");

const EventsFile = z.strictObject({
  types: z.array(z.string().min(1)).min(1).optional(),
  userId: pointer.optional(),
  accountType: z.strictObject({ at: pointer.optional(), default: z.enum(accountTypes).optional() }).optional(),
});
const pace = z.number().positive().max(MOST_JOURNEYS_PER_SECOND);

const PolicyFile = z.strictObject({
  firstEmail: z.enum(['send', 'alreadySent']).optional(),
  smsStart: z.enum(['automatic', 'onRequest']).optional(),
  retrySendFor: duration.optional(),
  callTimeout: duration
    .refine((value) => value >= 100 && value <= 60_000, 'must lie between 100 ms and 1 minute')
    .optional(),
  cooldowns: z.array(duration).min(1).max(20).optional(),
  sends: z.strictObject({ per10Minutes: count.optional(), perDay: count.optional() }).optional(),
  guesses: z.strictObject({ perCode: count.optional(), perChannel: count.optional() }).optional(),
  codeLife: duration.optional(),
  reminderAfter: duration.optional(),
  journeyLife: duration.refine((value) => value > 0, 'must be longer than nothing').optional(),
  rates: z.strictObject({ sendsPerSecond: share.optional(), checksPerSecond: share.optional() }).optional(),
  events: EventsFile.optional(),
  recovery: z
    .strictObject({
      every: duration
        .refine((value) => value >= SECOND && value % SECOND === 0, 'must be whole seconds, one at least')
        .optional(),
      perSecond: pace.optional(),
      upToPerSecond: pace.optional(),
    })
    .optional(),
});

/** Where a sign-up event holds what is needed, by JSON pointers (RFC 6901). */
export interface EventRules {
  /** The types that are sign-ups; others are ignored. */
  readonly types: readonly string[];
  readonly userId: string;
  /** The default holds where the pointer finds nothing. */
  readonly accountType: { readonly at: string; readonly default: AccountType };
}

export const defaultEventRules: EventRules = {
  types: ['user.created'],
  userId: '/data/userId',
  accountType: { at: '/data/accountType', default: 'individual' },
};

/** The fleet's share of the provider's rate, in requests a second. */
export interface Rates {
  readonly sendsPerSecond: number;
  readonly checksPerSecond: number;
}

/** Together, with a second's burst each, below 250 in any 10 s: 11 × 22 = 242. */
export const defaultRates: Rates = { sendsPerSecond: 14, checksPerSecond: 8 };

/** How the operators have stalled journeys tried again; no journey carries it. */
export interface RecoverySettings {
  /** How often recovery looks for stalled journeys, in milliseconds. */
  readonly every: number;
  /** Journeys a second at first, and at most. */
  readonly perSecond: number;
  readonly upToPerSecond: number;
}

export const defaultRecovery: RecoverySettings = { every: MINUTE, perSecond: 5, upToPerSecond: 20 };

export interface Settings {
  readonly policy: Policy;
  readonly rates: Rates;
  readonly events: EventRules;
  readonly recovery: RecoverySettings;
}

export const defaultSettings: Settings = {
  policy: defaultPolicy,
  rates: defaultRates,
  events: defaultEventRules,
  recovery: defaultRecovery,
};

/**
 * Reads a policy file; what it leaves out keeps its default.
 *
 * @throws SettingError naming the key that is wrong or unknown
 */
export function readPolicyFile(path: string): Settings {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new SettingError('ONWARD_POLICY', `names a file that cannot be read: ${path}`, 'ONWARD_POLICY=policy.yml');
  }
  return parsePolicy(text);
}

/** Reads the text of a policy file. Throws as `readPolicyFile` does. */
export function parsePolicy(text: string): Settings {
  const parsed = PolicyFile.safeParse(fromYaml(text) ?? {});
  if (!parsed.success) throw new SettingError('ONWARD_POLICY', problems(parsed.error), EXAMPLE);
  const { rates, recovery, sends, guesses, events, ...rest } = parsed.data;
  const settings: Settings = {
    policy: {
      ...defaultPolicy,
      ...withoutUndefined(rest),
      sends: { ...defaultPolicy.sends, ...withoutUndefined(sends ?? {}) },
      guesses: { ...defaultPolicy.guesses, ...withoutUndefined(guesses ?? {}) },
    },
    rates: { ...defaultRates, ...withoutUndefined(rates ?? {}) },
    events: {
      ...defaultEventRules,
      ...withoutUndefined(events ?? {}),
      accountType: { ...defaultEventRules.accountType, ...withoutUndefined(events?.accountType ?? {}) },
    },
    recovery: { ...defaultRecovery, ...withoutUndefined(recovery ?? {}) },
  };
  if (settings.recovery.perSecond > settings.recovery.upToPerSecond) {
    throw new SettingError('ONWARD_POLICY', 'recovery: perSecond is above upToPerSecond', EXAMPLE);
  }
  const { sendsPerSecond, checksPerSecond } = settings.rates;
  if (sendsPerSecond + checksPerSecond > MOST_PER_SECOND) {
    throw new SettingError(
      'ONWARD_POLICY',
      `rates: sends and checks together exceed ${MOST_PER_SECOND} a second`,
      EXAMPLE,
    );
  }
  return settings;
}

function fromYaml(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    const problem = error instanceof Error ? error.message.trimEnd() : '';
    throw new SettingError('ONWARD_POLICY', `is no YAML: ${problem}`, EXAMPLE);
  }
}

const EXAMPLE = 'cooldowns: [30 s, 60 s]';

function problems(error: z.ZodError): string {
  return error.issues
    .map((issue) => {
      const path = issue.path.join('.');
      if (issue.code === 'unrecognized_keys')
        return `has an unknown key: ${[path, issue.keys.join(', ')].filter(Boolean).join('.')}`;
      return path === '' ? `is wrong: ${issue.message}` : `is wrong at ${path}: ${issue.message}`;
    })
    .join('; ');
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<Defined<T>>;
}
