import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { forEachChannel } from '../../workflows/journey/channels.ts';
import { defaultCommandLimits, defaultPolicy, MINUTE, SECOND } from '../../workflows/journey/policy/policy.ts';
import { defaultEventRules, EventsFile } from './event-rules.ts';
import { findContradictions } from './policy-contradictions.ts';
import { isTimeZone } from './quiet-hours.ts';
import { SettingError, throwAll } from './setting-error.ts';
import { duration } from './setting-formats.ts';
import {
  DEFAULT_APPROVAL_TIME_MS,
  DEFAULT_RECONCILE_INTERVAL_MS,
  defaultRates,
  defaultReconciliation,
  defaultRecovery,
  defaultSendBudget,
  defaultSettings,
} from './settings.ts';
import type { Settings } from './settings.ts';
import { userIdRules } from '../validation.ts';

export { SettingError } from './setting-error.ts';
export { defaultEventRules, type EventRules } from './event-rules.ts';
export {
  defaultRates,
  defaultReconciliation,
  defaultRecovery,
  defaultSendBudget,
  defaultSettings,
} from './settings.ts';
export type { Rates, ReconcileSettings, RecoverySettings, Settings } from './settings.ts';

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a local time in quotes, from "00:00" to "23:59"')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const timeZone = z
  .string()
  .refine(isTimeZone, { error: ({ input }) => `'${String(input)}' is not an IANA time zone such as Europe/London` });

const count = z.int().min(1).max(1_000);

/** More codes than the provider's rate allows in a day. */
const MAX_BUDGET = 10_000_000;

/** The provider accepts 250 requests in 10 s from one IP address. */
const MAX_REQUESTS_PER_SECOND = 22;

/** Commands per second that one worker sends and one Temporal server accepts. */
const MAX_JOURNEYS_PER_SECOND = 100;

const budget = z.strictObject({
  perHour: z.int().min(1).max(MAX_BUDGET).optional(),
  perDay: z.int().min(1).max(MAX_BUDGET).optional(),
});

const share = z.number().positive().max(MAX_REQUESTS_PER_SECOND);

const pace = z.number().positive().max(MAX_JOURNEYS_PER_SECOND);

/** The policy file, as it is written. */
export const PolicyFile = z.strictObject({
  firstEmail: z.enum(['send', 'alreadySent']).optional(),
  smsStart: z.enum(['automatic', 'onRequest']).optional(),
  retrySendFor: duration.optional(),
  unknownUserFor: duration.optional(),
  callTimeout: duration
    .refine((value) => value >= 100 && value <= 60_000, 'must be between 100 ms and 1 minute')
    .optional(),
  cooldowns: z.array(duration).min(1).max(20).optional(),
  sends: z.strictObject({ per10Minutes: count.optional(), perDay: count.optional() }).optional(),
  guesses: z.strictObject({ perCode: count.optional(), perChannel: count.optional() }).optional(),
  commands: z.strictObject({ perMinute: count.optional(), rechecksPerMinute: count.optional() }).optional(),
  codeLife: duration.optional(),
  reminderAfter: duration.optional(),
  journeyLife: duration
    .refine((value) => value > 0, 'must be longer than 0 s')
    .refine((value) => value === 0 || value >= MINUTE, 'must be at least one minute')
    .optional(),
  automaticSends: z
    .strictObject({
      notAfter: duration.optional(),
      quietHours: z.strictObject({ from: timeOfDay, to: timeOfDay, timeZone }).optional(),
    })
    .optional(),
  userIds: z.enum(userIdRules).optional(),
  rates: z.strictObject({ sendsPerSecond: share.optional(), checksPerSecond: share.optional() }).optional(),
  sendBudget: z.strictObject(forEachChannel(() => budget.optional())).optional(),
  events: EventsFile.optional(),
  recovery: z
    .strictObject({
      every: duration
        .refine((value) => value >= SECOND && value % SECOND === 0, 'must be at least one second, in whole seconds')
        .optional(),
      perSecond: pace.optional(),
      upToPerSecond: pace.optional(),
    })
    .optional(),
  reconcile: z
    .strictObject({
      every: duration
        .refine((value) => value >= MINUTE && value % SECOND === 0, 'must be at least one minute, in whole seconds')
        .optional(),
      graceFor: duration.optional(),
      perSecond: pace.optional(),
    })
    .optional(),
  approvals: z
    .strictObject({
      above: z.int().min(0).max(1_000_000),
      within: duration.refine((value) => value >= MINUTE, 'must be at least one minute').optional(),
    })
    .optional(),
});

/**
 * Reads a policy file. Missing keys have their default.
 *
 * @throws SettingError that names the invalid or unknown key
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

/** Parses the text of a policy file. Throws `SettingError` like `readPolicyFile`. */
export function parsePolicy(text: string): Settings {
  const parsed = PolicyFile.safeParse(fromYaml(text) ?? {});
  if (!parsed.success) throwAll(parsed.error.issues.map(errorOf));
  const { rates, recovery, reconcile, approvals, sendBudget, events, userIds, ...journeys } = parsed.data ?? {};
  const { sends, guesses, commands, automaticSends, ...rest } = journeys;
  const settings: Settings = {
    policy: {
      ...defaultPolicy,
      ...withoutUndefined(rest),
      sends: { ...defaultPolicy.sends, ...withoutUndefined(sends ?? {}) },
      guesses: { ...defaultPolicy.guesses, ...withoutUndefined(guesses ?? {}) },
      commands: { ...defaultCommandLimits, ...withoutUndefined(commands ?? {}) },
      automaticSends: {
        notAfter: automaticSends?.notAfter ?? defaultPolicy.automaticSends.notAfter,
        // They are resolved for each journey, in its time zone.
        quietHours: null,
      },
    },
    quietHours: automaticSends?.quietHours ?? null,
    rates: { ...defaultRates, ...withoutUndefined(rates ?? {}) },
    userIds: userIds ?? defaultSettings.userIds,
    events: {
      ...defaultEventRules,
      ...withoutUndefined(events ?? {}),
      accountType: { ...defaultEventRules.accountType, ...withoutUndefined(events?.accountType ?? {}) },
    },
    recovery: { ...defaultRecovery, ...withoutUndefined(recovery ?? {}) },
    reconcile: {
      ...defaultReconciliation,
      ...(reconcile && { every: DEFAULT_RECONCILE_INTERVAL_MS, ...withoutUndefined(reconcile) }),
    },
    sendBudget: forEachChannel((channel) => ({
      ...defaultSendBudget[channel],
      ...withoutUndefined(sendBudget?.[channel] ?? {}),
    })),
    approvals:
      approvals === undefined ? null : { above: approvals.above, within: approvals.within ?? DEFAULT_APPROVAL_TIME_MS },
  };
  throwAll(
    findContradictions(settings, MAX_REQUESTS_PER_SECOND).map(
      ({ key, problem }) => new SettingError('ONWARD_POLICY', problem, exampleOf([key])),
    ),
  );
  return settings;
}

function fromYaml(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    // The lines after the first quote the file, which may be the wrong one and contain secrets.
    const [problem = ''] = error instanceof Error ? error.message.split('\n') : [];
    throw new SettingError('ONWARD_POLICY', `is not valid YAML: ${problem.replace(/:$/, '')}`, examples.cooldowns);
  }
}

const EVENTS_EXAMPLE =
  'events: { type: /type, types: [user.created], userId: /data/userId, accountType: { at: /data/accountType, default: individual } }';

/** A valid value of each key. */
const examples = {
  firstEmail: 'firstEmail: send',
  smsStart: 'smsStart: automatic',
  retrySendFor: 'retrySendFor: 2 minutes',
  unknownUserFor: 'unknownUserFor: 10 minutes',
  callTimeout: 'callTimeout: 10 s',
  cooldowns: 'cooldowns: [30 s, 60 s, 120 s, 300 s]',
  sends: 'sends: { per10Minutes: 5, perDay: 10 }',
  guesses: 'guesses: { perCode: 5, perChannel: 20 }',
  commands: 'commands: { perMinute: 120, rechecksPerMinute: 12 }',
  codeLife: 'codeLife: 10 minutes',
  reminderAfter: 'reminderAfter: 24 hours',
  journeyLife: 'journeyLife: 7 days',
  automaticSends:
    'automaticSends: { notAfter: 30 minutes, quietHours: { from: "21:00", to: "08:00", timeZone: Europe/London } }',
  userIds: 'userIds: caseSensitive',
  sendBudget: 'sendBudget: { sms: { perHour: 5000, perDay: 20000 }, email: { perHour: 10000, perDay: 100000 } }',
  rates: 'rates: { sendsPerSecond: 14, checksPerSecond: 8 }',
  events: EVENTS_EXAMPLE,
  recovery: 'recovery: { every: 1 minute, perSecond: 5, upToPerSecond: 20 }',
  reconcile: 'reconcile: { every: 1 day, graceFor: 1 hour, perSecond: 20 }',
  approvals: 'approvals: { above: 100, within: 1 day }',
} as const satisfies Record<keyof typeof PolicyFile.shape, string>;

const isKey = (key: unknown): key is keyof typeof examples => typeof key === 'string' && Object.hasOwn(examples, key);

/** Returns the example for the first key of a path; a default example for an unknown key. */
function exampleOf([key]: readonly unknown[]): string {
  return isKey(key) ? examples[key] : examples.cooldowns;
}

function errorOf(issue: z.core.$ZodIssue): SettingError {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const unknown = [path, issue.keys.join(', ')].filter(Boolean).join('.');
    const advice = path === '' ? ` (known keys: ${Object.keys(examples).join(', ')})` : '';
    return new SettingError('ONWARD_POLICY', `has an unknown key: ${unknown}${advice}`, exampleOf(issue.path));
  }
  const problem = path === '' ? `is wrong: ${issue.message}` : `is wrong at ${path}: ${issue.message}`;
  return new SettingError('ONWARD_POLICY', problem, exampleOf(issue.path));
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<Defined<T>>;
}
