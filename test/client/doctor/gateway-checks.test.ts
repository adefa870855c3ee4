import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkGateway, checkThroughGateway } from '../../../client/doctor/index.ts';
import type { Check } from '../../../client/doctor/index.ts';
import { setup } from '../../../client/temporal/setup.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { NEVER_BY_ITSELF } from '../../support/outage.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { operator, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { runCommand } from '../cli/run-cli.ts';

let server: TemporalServer;
let gateway: Gateway;
beforeAll(async () => {
  // Recovery and the journeys' counts span the namespace.
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address });
});
afterAll(async () => {
  await gateway?.close();
  await server.stop();
});

const endpoint = (token: string = bearers.viewer) => ({ url: gateway.url, token });

async function all(checks: AsyncIterable<Check>) {
  const found: Check[] = [];
  for await (const check of checks) found.push(check);
  return Object.fromEntries(found.map(({ name, ...check }) => [name, check]));
}

describe('doctor without the encryption keys', () => {
  it('checks through the gateway what it knows of Temporal, workers, recovery, webhooks and the provider', async () => {
    const before = await all(checkThroughGateway(endpoint));
    expect(before).toMatchObject({ recovery: { ok: false, fix: 'run: onward setup' } });
    const { client, taskQueue } = gateway.stack;
    await setup(client, { recovery: { every: NEVER_BY_ITSELF, perSecond: 5, upToPerSecond: 20 }, taskQueue });
    const found = await all(checkThroughGateway(endpoint));
    const passed = { ok: true, fix: null };
    expect(found).toMatchObject({
      gateway: passed,
      temporal: passed,
      journeys: passed,
      recovery: passed,
      reconciliation: passed,
      journeyPollers: passed,
      sendPollers: passed,
      checkPollers: passed,
      providerReplies: passed,
      webhooks: { ok: true, found: 'no status change is undelivered for more than a minute' },
      signUps: passed,
      encryptionKeys: { ok: 'skipped' },
    });
  });

  it('reports a paused recovery and how to resume it', async () => {
    const { recovery } = gateway.stack.onward;
    const eve = { role: 'operator', name: 'eve' } as const;
    await recovery.pause({ reason: 'a drill' }, eve);
    // The dashboard is shared by all who look, and two seconds old at most.
    const found = await waitUntil(async () => {
      const { recovery: check } = await all(checkThroughGateway(endpoint));
      return check?.ok === false && check;
    }, 'it is found to be paused');
    expect(found).toMatchObject({
      ok: false,
      found: expect.stringContaining('"a drill"'),
      fix: expect.stringContaining('resume'),
    });
    await recovery.resume({ reason: 'over' }, eve);
    await waitUntil(async () => (await all(checkThroughGateway(endpoint)))['recovery']?.ok === true, 'it is resumed');
  });

  it('is what `onward doctor` does, with one line for each finding and a code for each in JSON', async () => {
    const env = { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.viewer, ONWARD_DATA: '/nowhere' };
    const { exit, out, err } = await runCommand(['doctor'], env);
    expect([exit, err]).toEqual([0, '']);
    expect(out.trim().split('\n')).toHaveLength(12);
    expect(out).toMatch(/^ok {6}gateway: it answers at http/);
    const { out: json } = await runCommand(['doctor', '--json'], env);
    expect((JSON.parse(json) as Check[]).map(({ code }) => code)).toContain('journeyPollers');
  });

  it('finds each blocker of journeys by itself', async () => {
    const { stack } = gateway;
    const [ada, bo] = [uniqueUserId('ada'), uniqueUserId('bo')];
    for (const userId of [ada, bo]) {
      await stack.onward.start(userId, { accountType: 'individual' });
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    }
    await stack.onward.pause(ada, { reason: 'under review' }, operator);
    const env = { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.viewer, ONWARD_DATA: '/nowhere' };
    const found = await waitUntil(async () => {
      const { out } = await runCommand(['doctor', '--json'], env);
      const journeys = (JSON.parse(out) as Check[]).filter(({ name }) => name === 'journeys');
      return journeys.length === 2 && journeys;
    }, 'both are found');
    expect(found).toMatchObject([
      { code: 'operator', ok: true, found: expect.stringMatching(/^1 journey locked or paused [^;]*$/) },
      { code: 'user', ok: true, found: expect.stringMatching(/^1 journey [^;]*$/) },
    ]);
  });
});

describe('the check of a gateway', () => {
  it('fails if none answers, and says what to start', async () => {
    const found = await all(checkThroughGateway(() => ({ url: 'http://127.0.0.1:9', token: 'x' })));
    expect(found).toEqual({
      gateway: {
        code: 'gateway',
        ok: false,
        found: 'no response from http://127.0.0.1:9',
        fix: 'start it (npm run gateway, locally onward dev), or correct ONWARD_URL',
      },
    });
    const { exit, out } = await runCommand(['doctor'], { ONWARD_URL: 'http://127.0.0.1:9', ONWARD_TOKEN: 'x' });
    expect([exit, out]).toEqual([1, expect.stringMatching(/^wrong {3}gateway: no response/)]);
  });

  it('fails, and says what to set, if no gateway is configured or its token is missing', async () => {
    const advice = 'fix: set ONWARD_URL and ONWARD_TOKEN';
    const unconfigured = await runCommand(['doctor'], { ONWARD_DATA: '/nowhere' });
    expect(unconfigured).toMatchObject({ exit: 1, err: '' });
    expect(unconfigured.out).toMatch(/^wrong {3}gateway: no gateway is configured: /);
    expect(unconfigured.out).toContain(advice);
    const withoutToken = await runCommand(['doctor'], { ONWARD_URL: gateway.url, ONWARD_DATA: '/nowhere' });
    expect(withoutToken).toMatchObject({ exit: 1, err: '' });
    expect(withoutToken.out).toMatch(/^wrong {3}gateway: ONWARD_TOKEN is missing/);
    expect(withoutToken.out).toContain(advice);
  });

  it('fails if the gateway does not know the token', async () => {
    const { gateway: found } = await all(checkGateway(() => endpoint('not-a-token')));
    expect(found).toMatchObject({ ok: false, fix: expect.stringContaining('ONWARD_TOKEN') });
  });

  it('is skipped if no gateway is configured', async () => {
    const found = await all(
      checkGateway(() => {
        throw new Error('no gateway is configured');
      }),
    );
    expect(Object.values(found).map(({ ok }) => ok)).toEqual(['skipped', 'skipped']);
  });
});
