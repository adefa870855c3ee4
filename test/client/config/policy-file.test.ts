import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultSettings, parsePolicy, readPolicyFile, SettingError } from '../../../client/config/policy-file.ts';
import { DAY, defaultPolicy, HOUR, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';

function problemOf(text: string): string {
  try {
    parsePolicy(text);
  } catch (error) {
    if (error instanceof SettingError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a policy file', () => {
  it.each(['', '# nothing yet\n', '{}', '---\n'])('leaves every default for %j', (text) => {
    expect(parsePolicy(text)).toEqual(defaultSettings);
  });

  it('can set every key', () => {
    const text = `
      firstEmail: alreadySent
      smsStart: onRequest          # the first text on request
      retrySendFor: 5 minutes
      unknownUserFor: 3 minutes
      callTimeout: 2 s
      cooldowns: [10 s, 1 minute]
      sends: { per10Minutes: 2, perDay: 3 }
      guesses: { perCode: 4, perChannel: 8 }
      commands: { perMinute: 60, rechecksPerMinute: 6 }
      codeLife: 20 minutes
      reminderAfter: 12 hours
      journeyLife: 14 days
      automaticSends: { notAfter: 1 hour, quietHours: { from: "21:30", to: "08:00", timeZone: America/New_York } }
      rates: { sendsPerSecond: 2.5, checksPerSecond: 1 }
      recovery: { every: 5 minutes, perSecond: 1, upToPerSecond: 4 }
      reconcile: { every: 1 day, graceFor: 2 hours, perSecond: 3 }
      sendBudget: { sms: { perHour: 5, perDay: 6 }, email: { perHour: 7, perDay: 8 } }
      approvals: { above: 100, within: 2 hours }
      userIds: folded
      events:
        type: /event
        types: [user.created, account.opened]
        userId: /data/id
        accountType: { at: /data/kind, default: business, map: { corporation: business, "": individual } }
        time: /created_at
        timeZone: /data/zone`;
    const policy: Policy = {
      firstEmail: 'alreadySent',
      smsStart: 'onRequest',
      retrySendFor: 5 * MINUTE,
      unknownUserFor: 3 * MINUTE,
      callTimeout: 2 * SECOND,
      cooldowns: [10 * SECOND, MINUTE],
      sends: { per10Minutes: 2, perDay: 3 },
      guesses: { perCode: 4, perChannel: 8 },
      commands: { perMinute: 60, rechecksPerMinute: 6 },
      codeLife: 20 * MINUTE,
      reminderAfter: 12 * HOUR,
      journeyLife: 14 * DAY,
      automaticSends: { notAfter: HOUR, quietHours: null },
    };
    expect(Object.keys(policy).toSorted()).toEqual(Object.keys(defaultPolicy).toSorted());
    expect(parsePolicy(text)).toEqual({
      policy,
      quietHours: { from: 21 * 60 + 30, to: 8 * 60, timeZone: 'America/New_York' },
      rates: { sendsPerSecond: 2.5, checksPerSecond: 1 },
      recovery: { every: 5 * MINUTE, perSecond: 1, upToPerSecond: 4 },
      reconcile: { every: DAY, graceFor: 2 * HOUR, perSecond: 3 },
      sendBudget: { sms: { perHour: 5, perDay: 6 }, email: { perHour: 7, perDay: 8 } },
      approvals: { above: 100, within: 2 * HOUR },
      userIds: 'folded',
      events: {
        type: '/event',
        types: ['user.created', 'account.opened'],
        userId: '/data/id',
        accountType: { at: '/data/kind', default: 'business', map: { corporation: 'business', '': 'individual' } },
        time: '/created_at',
        timeZone: '/data/zone',
      },
    });
  });

  it('keeps the defaults of keys that a group omits', () => {
    const text = '{sends: {perDay: 7}, guesses: {}, rates: {sendsPerSecond: 1}, sendBudget: {sms: {perHour: 9}}}';
    const { policy, rates, sendBudget } = parsePolicy(text);
    expect(policy).toEqual({ ...defaultPolicy, sends: { per10Minutes: 5, perDay: 7 } });
    expect(rates).toEqual({ ...defaultSettings.rates, sendsPerSecond: 1 });
    const defaults = defaultSettings.sendBudget;
    expect(sendBudget).toEqual({ ...defaults, sms: { ...defaults.sms, perHour: 9 } });
  });

  it.each([
    ['{type: data}', /wrong at events\.type: .*JSON pointer.*example: events: \{/],
    ['{types: []}', /wrong at events\.types/],
    ['{userId: []}', /wrong at events\.userId: .*>=1 items/],
    ['{userId: [/a, b]}', /wrong at events\.userId/],
    ['{accountType: {map: {corporation: company}}}', /wrong at events\.accountType\.map\.corporation/],
    ['{id: /a}', /unknown key: events\.id/],
  ])('rejects the events %s', (events, problem) => {
    expect(problemOf(`events: ${events}`)).toMatch(problem);
  });

  it('accepts a list of pointers for the user id', () => {
    expect(parsePolicy('events: {userId: [/a, /b]}').events.userId).toEqual(['/a', '/b']);
  });

  it.each([
    ['{notAfter: 5}', /automaticSends\.notAfter/],
    ['{quietHours: {from: 21, to: "08:00", timeZone: Europe/London}}', /automaticSends\.quietHours\.from/],
    ['{quietHours: {from: "24:00", to: "08:00", timeZone: Europe/London}}', /local time in quotes/],
    ['{quietHours: {from: "08:00", to: "08:00", timeZone: Europe/London}}', /the same time/],
    [
      '{quietHours: {from: "21:00", to: "08:00", timeZone: Europe/Lodnon}}',
      /'Europe\/Lodnon' is not an IANA time zone/,
    ],
    ['{quietHours: {from: "21:00", to: "08:00", timeZone: "+02:00"}}', /not an IANA time zone/],
    ['{quietHours: {from: "21:00", to: "08:00"}}', /automaticSends\.quietHours\.timeZone/],
  ])('rejects the automatic sends %s', (automaticSends, problem) => {
    expect(problemOf(`automaticSends: ${automaticSends}`)).toMatch(problem);
  });

  it.each([
    ['{every: 0 s}', /recovery\.every.*whole seconds/],
    ['{every: 1500 ms}', /recovery\.every.*whole seconds/],
    ['{perSecond: 0}', /recovery\.perSecond/],
    ['{upToPerSecond: 101}', /recovery\.upToPerSecond/],
    ['{perSecond: 30}', /perSecond is above upToPerSecond/],
    ['{pace: 3}', /unknown key: recovery\.pace/],
  ])('rejects the recovery settings %s', (recovery, problem) => {
    expect(problemOf(`recovery: ${recovery}`)).toMatch(problem);
  });

  it.each([
    ['2 minutes', 2 * MINUTE],
    ['30 s', 30 * SECOND],
    ['24 hours', DAY],
    ['7 days', 7 * DAY],
    ['1 minute', MINUTE],
    ['1 week', 7 * DAY],
    ['30m', 30 * MINUTE],
    ['1.5 h', 1.5 * HOUR],
    ['250 ms', 250],
    ['10 MINUTES', 10 * MINUTE],
    ['0 s', 0],
    ['365 days', 365 * DAY],
  ])('parses the duration %s', (duration, expected) => {
    expect(parsePolicy(`codeLife: ${duration}`).policy.codeLife).toBe(expected);
    expect(parsePolicy(`cooldowns: [1 s, "${duration}"]`).policy.cooldowns).toEqual([SECOND, expected]);
  });

  it.each([
    '30',
    '"30"',
    '1.5',
    '""',
    'soon',
    '-5 s',
    '5 parsecs',
    '1 m 30 s',
    '"30 s "',
    'true',
    '',
    '[5 s]',
    '{s: 5}',
  ])('rejects the duration %s and shows a valid one', (duration) => {
    expect(problemOf(`codeLife: ${duration}`)).toMatch(/wrong at codeLife: .* is not a duration: .*'10 minutes'/);
  });

  it.each([
    ['sendz: 5', 'unknown key: sendz'],
    ['firstemail: send', 'unknown key: firstemail'],
    ['{a: 1, b: 2}', 'unknown key: a, b'],
    ['sends: {perHour: 5}', 'unknown key: sends.perHour'],
    ['guesses: {percode: 5}', 'unknown key: guesses.percode'],
    ['rates: {reads: 1}', 'unknown key: rates.reads'],
    ['__proto__: {codeLife: 1 s}', 'unknown key: __proto__'],
    ['firstEmail: later', 'wrong at firstEmail: .*"send".*"alreadySent"'],
    ['firstEmail: [send]', 'wrong at firstEmail'],
    ['smsStart: true', 'wrong at smsStart: .*"automatic".*"onRequest"'],
    ['cooldowns: 30 s', 'wrong at cooldowns: .*array'],
    ['cooldowns: []', 'wrong at cooldowns: '],
    ['cooldowns: [30 s, 60]', 'wrong at cooldowns.1: 60 is not a duration'],
    ['sends: 5', 'wrong at sends: .*object'],
    ['sends: {perDay: many}', 'wrong at sends.perDay: .*number'],
    ['sends: {per10Minutes: 0}', 'wrong at sends.per10Minutes: .*>=1'],
    ['guesses: {perCode: 1.5}', 'wrong at guesses.perCode: .*int'],
    ['guesses: {perChannel: 1001}', 'wrong at guesses.perChannel: .*<=1000'],
    ['guesses: {perChannel: "5"}', 'wrong at guesses.perChannel: .*number'],
    ['callTimeout: 50 ms', 'wrong at callTimeout: must be between 100 ms and 1 minute'],
    ['callTimeout: 2 minutes', 'wrong at callTimeout: must be between 100 ms and 1 minute'],
    ['journeyLife: 0 s', 'wrong at journeyLife: must be longer than 0 s'],
    ['journeyLife: 366 days', 'wrong at journeyLife: .* is longer than 365 days'],
    ['rates: {sendsPerSecond: 0}', 'wrong at rates.sendsPerSecond: '],
    ['rates: {sendsPerSecond: 23}', 'wrong at rates.sendsPerSecond: .*<=22'],
    ['rates: {sendsPerSecond: 20}', 'wrong at rates: sendsPerSecond and checksPerSecond together exceed 22'],
    ['- firstEmail', 'is wrong: .*object.*array'],
    ['send', 'is wrong: .*object.*string'],
    ['{sends: {perDay: 0}, codeLife: 5, x: 1}', 'sends.perDay.*codeLife.*unknown key: x'],
  ])('rejects the file %j', (text, problem) => {
    expect(problemOf(text)).toMatch(new RegExp(`^ONWARD_POLICY .*${problem}.*; for example: `, 's'));
  });

  it.each([
    ['a bracket that is left open', 'sends: {perDay: 5'],
    ['a key twice', 'codeLife: 1 m\ncodeLife: 2 m'],
    ['a tab', 'sends:\n\tperDay: 5'],
    ['two documents', 'codeLife: 1 m\n---\ncodeLife: 2 m'],
    ['a reference to nothing', 'codeLife: *life'],
  ])('rejects %s as invalid YAML', (_, text) => {
    expect(problemOf(text)).toMatch(/^ONWARD_POLICY is not valid YAML: .+; for example: /s);
  });

  it('rejects aliases that expand exponentially', () => {
    const nine = (what: string) => `[${Array(9).fill(what).join(',')}]`;
    const bomb = `a: &a ${nine('1')}\nb: &b ${nine('*a')}\nc: &c ${nine('*b')}\nd: ${nine('*c')}`;
    expect(problemOf(bomb)).toContain('ONWARD_POLICY is not valid YAML');
  });

  describe('on the disk', () => {
    let folder = '';
    beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'onward-policy-'))));
    afterAll(() => rmSync(folder, { recursive: true }));

    it('is read', () => {
      const path = join(folder, 'policy.yml');
      writeFileSync(path, 'codeLife: 3 minutes\n');
      expect(readPolicyFile(path).policy.codeLife).toBe(3 * MINUTE);
    });

    it.each(['nowhere.yml', '.'])('is named in the error if it cannot be read: %s', (name) => {
      const path = join(folder, name);
      expect(() => readPolicyFile(path)).toThrow(SettingError);
      expect(() => readPolicyFile(path)).toThrow(`ONWARD_POLICY names a file that cannot be read: ${path}`);
    });
  });
});
