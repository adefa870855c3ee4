import { expect, it } from '@jest/globals';
import { connect } from '../../client/temporal/connect.ts';
import { Onward } from '../../client/onward.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import { startOwnServer } from '../support/own-server.ts';
import { keys, operator, quickPolicy, uniqueUserId, waitUntil } from '../support/stack.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

it('counts how journeys end, how long they took, and how long they were in each state', async () => {
  const [server, sfox] = await Promise.all([startOwnServer(), startSfox()]);
  const client = await connect({ connectionOptions: { address: server.address } }, keys);
  const worker = await startWorkerProcess(sfox, server.address);
  const onward = new Onward({ client, policy: quickPolicy });
  const isIn = (user: string, state: string) =>
    waitUntil(async () => (await onward.status(user)).state === state, `${user} is ${state}`);
  try {
    const [ada, bea, cy] = [uniqueUserId('ada', '.both-verified'), uniqueUserId('bea'), uniqueUserId('cy')];
    await onward.start(ada, { accountType: 'individual' });
    await isIn(ada, 'done');
    await onward.start(bea, { accountType: 'business' });
    await waitUntil(async () => (await onward.status(bea)).step === 'awaitingCode', 'the code is out');
    await onward.override(bea, { channel: 'email', reason: 'seen in person' }, operator);
    await isIn(bea, 'done');
    await onward.start(cy, { accountType: 'individual' });
    await waitUntil(async () => (await onward.status(cy)).step === 'awaitingCode', 'the code is out');
    await onward.cancel(cy, { reason: 'asked for' }, operator);
    await isIn(cy, 'cancelled');

    const metrics = await waitUntil(async () => {
      const text = await (await fetch(`${worker.url}/metrics`)).text();
      return text.includes('state="cancelled"') && text;
    }, 'the metrics have the last one');
    const linesOf = (name: string) =>
      metrics
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`))
        .map((line) => line.replace(/,(?:namespace|taskQueue|workflowType)="[^"]*"/g, ''));
    expect(linesOf('onward_journeys_ended_total').toSorted()).toEqual([
      'onward_journeys_ended_total{account_type="business",email="operator",sms="none",state="done"} 1',
      'onward_journeys_ended_total{account_type="individual",email="none",sms="none",state="cancelled"} 1',
      'onward_journeys_ended_total{account_type="individual",email="provider",sms="provider",state="done"} 1',
    ]);
    expect(linesOf('onward_time_to_verified_seconds_count')).toHaveLength(2);
    expect(linesOf('onward_time_to_verified_seconds_bucket').some((line) => line.includes('le="604800"'))).toBe(true);
    expect(linesOf('onward_time_in_state_seconds_count').some((line) => line.includes('state="emailPending"'))).toBe(
      true,
    );
    expect(metrics).not.toMatch(/ada-|bea-|cy-/);
  } finally {
    await worker.stop();
    await Promise.all([client.connection.close(), sfox.close()]);
    await server.stop();
  }
}, 180_000);
