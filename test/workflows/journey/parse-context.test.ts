import { expect, it } from '@jest/globals';
import { parseStart } from '../../../workflows/journey/stored/parse-start.ts';
import { defaultPolicy } from '../../../workflows/journey/policy/policy.ts';
import { deserialize, serialize, startJourney } from '../../../workflows/journey/transition.ts';

const start = { userId: 'ada', accountType: 'individual', policy: defaultPolicy } as const;
const stored = () => JSON.parse(JSON.stringify(serialize(startJourney({ ...start, at: 1_000 }).journey)));

/** A copy with another value at a path. */
function changed(value: object, path: string, replacement: unknown): Record<string, unknown> {
  const copy = JSON.parse(JSON.stringify(value));
  const names = path.split('.');
  const last = names.pop() ?? '';
  const place = names.reduce((inner, name) => inner[name], copy);
  if (replacement === undefined) delete place[last];
  else place[last] = replacement;
  return copy;
}

it('restores a stored journey unchanged, with the fields that only a newer release knows', () => {
  const journey = deserialize(stored());
  expect(JSON.parse(JSON.stringify(serialize(journey)))).toEqual(stored());
  const newer = deserialize(changed(stored(), 'context.voice', { at: 1 }));
  expect(newer.snapshot.context).toHaveProperty('voice', { at: 1 });
});

it.each([
  ['context.lastActiveAt', 1_000],
  ['context.offeredSince', null],
  ['context.provider', null],
  ['context.guesses.sms', { onCode: 0, onChannel: 0, lastAt: 0, unknown: { onCode: 0, onChannel: 0, lastAt: 0 } }],
  ['context.evidence.sms', null],
  ['context.policy.unknownUserFor', defaultPolicy.unknownUserFor],
])('gives %s, which an older release did not store, its default', (path, expected) => {
  const { snapshot } = deserialize(changed(stored(), path, undefined));
  expect({ context: snapshot.context }).toHaveProperty(path, expected);
});

it.each([
  ['context', null, '`context` must be an object'],
  ['context.userId', 7, '`context.userId` must be a string'],
  ['context.accountType', 'club', '`context.accountType` must be one of individual, business'],
  ['context.expiresAt', '2026-01-01', '`context.expiresAt` must be a number'],
  ['context.expiresAt', undefined, '`context.expiresAt` must be a number'],
  ['context.policy', 'strict', '`context.policy` must be an object'],
  ['context.policy.cooldowns', 30, '`context.policy.cooldowns` must be a list'],
  ['context.policy.sends', { perDay: 5 }, '`context.policy.sends.per10Minutes` must be a number'],
  ['context.policy.automaticSends', { notAfter: 1, quietHours: { from: 1, to: 2, offsets: [] } }, 'with an offset'],
  ['context.ledger', {}, '`context.ledger` must be a list'],
  ['context.ledger', [{ number: 1, channel: 'pigeon' }], '`context.ledger[0].channel` must be one of email, sms'],
  ['context.guesses.email', { onCode: 1 }, '`context.guesses.email.onChannel` must be a number'],
  ['context.evidence.email', 'rumour', '`context.evidence.email` must be one of code, provider, operator'],
  ['context.stall', { reason: 'bored' }, '`context.stall.reason` must be one of'],
  ['context.resumeTo', 'home', '`context.resumeTo` must be one of'],
  ['value', 7, '`snapshot.value` must be an object'],
  ['timers', [{ id: 'a', dueAt: 1 }], '`snapshot.timers[0].event` must be an object'],
  ['revision', '4', '`snapshot.revision` must be a number'],
  ['history', { x: 'y' }, '`snapshot.history.x` must be a list'],
])('refuses a snapshot whose %s is %j, and names the place', (path, value, problem) => {
  expect(() => deserialize(changed(stored(), path, value))).toThrow(problem);
});

it('parses a start, and completes its policy', () => {
  expect(parseStart(changed(start, 'policy.unknownUserFor', undefined))).toEqual(start);
  const restarted = { by: { role: 'operator', name: 'night' }, reason: 'asked', carried: { ledger: 'none' } };
  const carried = expect.objectContaining({ ledger: [], revision: 0, log: [] });
  expect(parseStart({ ...start, restarted })).toMatchObject({ restarted: { ...restarted, carried } });
});

it.each([
  [null, '`start` must be an object'],
  [{ ...start, policy: undefined }, '`start.policy` must be an object'],
  [{ ...start, accountType: 'club' }, '`start.accountType` must be one of individual, business'],
  [{ ...start, provider: 7 }, '`start.provider` must be a string'],
  [{ ...start, notifyReceiver: 'yes' }, '`start.notifyReceiver` must be true or false'],
  [{ ...start, restarted: { reason: 'asked' } }, '`start.restarted.by` must be an object'],
  [{ ...start, restarted: { by: { role: 'guest', name: 'x' }, reason: '' } }, '`start.restarted.by.role` must be one'],
])('refuses the start %j', (body, problem) => {
  expect(() => parseStart(body)).toThrow(problem);
});
