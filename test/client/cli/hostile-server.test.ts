import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Environment } from '../../../client/config/env.ts';
import { runCommand, runInTerminal } from './run-cli.ts';

/** Clears a screen, sets a title, reverses the direction of text, adds a line, and hides. */
const HOSTILE = 'x\u001B[2J\u001B]0;title\u0007\u009B2J\u202Ecod\u200B\u2028e\nonward: all is well\r';
const TIME = '2026-11-29T10:00:00.000Z';
// oxlint-disable-next-line no-control-regex
const NO_STEERING = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B\u2028\u202E]/;

const channel = { status: 'pending', evidence: null, sends: 1, guessesLeft: 5 };
const status = {
  userId: HOSTILE,
  accountType: HOSTILE,
  state: HOSTILE,
  step: null,
  revision: 1,
  live: true,
  startedAt: TIME,
  updatedAt: TIME,
  expiresAt: null,
  email: { ...channel, lastSend: { outcome: HOSTILE, at: TIME, to: HOSTILE } },
  sms: { ...channel, evidence: HOSTILE, lastSend: null },
  stalled: { reason: HOSTILE, since: TIME, detail: HOSTILE, nextRetryAt: TIME },
  allowed: { [HOSTILE]: { channel: HOSTILE } },
};
/** A shell would run some of these with the command line into which it inserts them. */
const idsToComplete = [HOSTILE, 'x$(id)', 'x`id`', 'x;id', 'x|id', 'x y', "x'", 'x*', 'x>y', 'x-1.a:b_c'];
const act = { at: TIME, by: { role: HOSTILE, name: HOSTILE }, reason: HOSTILE };
const replies: Record<string, unknown> = {
  '/v1/users/ada/onboarding': status,
  '/v1/users/ada/onboarding/code': { outcome: 'incorrect', status },
  '/v1/users/ada/onboarding/timeline': { items: [{ at: TIME, what: HOSTILE, by: HOSTILE, reason: HOSTILE }] },
  '/v1/users/ada': { userId: HOSTILE, erased: true },
  '/v1/journeys': { items: idsToComplete.map((userId) => ({ ...status, userId, since: TIME })), next: HOSTILE },
  '/v1/journeys/summary': {
    total: 1,
    states: { [HOSTILE]: 1 },
    steps: {},
    reasons: {},
    blockers: [{ kind: 'recoveryPaused', journeys: 1, since: null, description: HOSTILE }],
    asOf: TIME,
  },
  '/v1/recovery': {
    state: HOSTILE,
    settings: { every: 1_000, perSecond: 1, upToPerSecond: 1 },
    nextRunAt: TIME,
    run: null,
    acts: { paused: act, resumed: null, triggered: null },
    refusals: [{ text: HOSTILE, journeys: 2 }],
  },
  '/v1/webhooks/id/resend': { id: HOSTILE },
};
const problem = { code: 'invalid_state', detail: HOSTILE, state: HOSTILE, step: HOSTILE, allowed: { [HOSTILE]: {} } };

let server: Server;
let env: Environment;
beforeAll(async () => {
  server = createServer(({ url = '', headers }, response) => {
    const [path = ''] = url.split('?');
    if (headers.accept?.includes('event-stream') === true) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.end(`event: status\ndata: ${JSON.stringify({ ...status, state: 'done' })}\n\n`);
    }
    const reply = replies[path];
    const type = reply === undefined ? 'application/problem+json' : 'application/json';
    response.writeHead(reply === undefined ? 409 : 200, { 'content-type': type });
    response.end(JSON.stringify(reply ?? problem));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  env = {
    ONWARD_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ONWARD_TOKEN: 'a-token-of-the-test',
  };
});
afterAll(() => void server?.close());

it.each([
  [['status', 'ada']],
  [['status', 'ada', '--watch']],
  [['code', 'ada', 'email', '1234']],
  [['timeline', 'ada']],
  [['erase', 'ada', 'asked for']],
  [['list']],
  [['summary']],
  [['recovery', 'status']],
  [['webhooks', 'resend', 'id']],
  [['pause', 'ada', 'because']],
  [['operations', 'show', 'id']],
])('prints nothing that steers the terminal, hides or adds a line: onward %j', async (words) => {
  for (const more of words.length === 2 ? [[], ['--json']] : [[]]) {
    const { out, err } = await runCommand([...words, ...more], env);
    expect(`${out}${err}`).not.toMatch(NO_STEERING);
    expect(`${out}${err}`).not.toMatch(/^onward: all is well/m);
    expect(`${out}${err}`.length).toBeGreaterThan(0);
  }
});

it('keeps the meaning of JSON', async () => {
  const { out } = await runCommand(['status', 'ada', '--json'], env);
  expect(JSON.parse(out)).toEqual(status);
});

it('groups what the provider refuses users with', async () => {
  const { out } = await runCommand(['recovery', 'status'], env);
  expect(out).toContain('  2 × x\\u{1b}[2J');
});

it('completes nothing that a shell would run', async () => {
  const { out } = await runCommand(['__complete', 'onward status x'], env);
  expect(out).toBe('x-1.a:b_c\t\n');
});

it('draws only its own sequences on a terminal', async () => {
  const seen = await runInTerminal(['status', 'ada'], env);
  expect(seen).toContain('x\\u{1b}[2J');
  expect(seen).not.toContain('\u001B[2J');
});
