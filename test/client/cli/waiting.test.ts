import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Environment } from '../../../client/config/env.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { TestReceiver } from '../../support/receiver.ts';
import { uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { giveUp, receiverSecret } from '../../support/undelivered.ts';
import { runCommand, runInTerminal } from './run-cli.ts';

let server: TemporalServer;
let receiver: TestReceiver;
let gateway: Gateway;
let env: Environment;
beforeAll(async () => {
  // Undelivered webhooks are the whole namespace's.
  server = await startOwnServer();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver?.close();
  await server?.stop();
});
beforeEach(async () => {
  const worker = { receiver: { url: receiver.url, secret: receiverSecret } };
  gateway = await startGateway({ address: server.address, worker });
  env = { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.operator };
});
afterEach(() => gateway?.close());

const wait = async (...words: string[]) => {
  const { exit, out } = await runCommand([...words, '--wait', '--json'], env);
  return { exit, operation: JSON.parse(out) };
};

/** Starts journeys. Returns the words that begin an operation for all of them. */
async function begin(
  count: number,
): Promise<{ readonly users: string[]; readonly words: (command: string) => string[] }> {
  const users = Array.from({ length: count }, (_, nth) => uniqueUserId(`waiting${nth}`));
  for (const userId of users) await gateway.stack.onward.start(userId, { accountType: 'individual' });
  for (const userId of users) await waitForPosition(gateway.stack, userId, 'emailPending.awaitingCode');
  await waitUntil(async () => (await gateway.stack.onward.count({ userIds: users })) === count, 'all are listed');
  const options = ['--user-ids', users.join(), '--expected', String(count), '--per-second', '50', '--yes'];
  return { users, words: (command) => ['operations', 'begin', command, ...options, 'a drill'] };
}

it('exits with 0 after an operation that was applied to some journeys, and with 3 where all refused it', async () => {
  const { users, words } = await begin(2);
  const dryRun = await wait(...words('pause'), '--dry-run');
  expect(dryRun).toMatchObject({ exit: 0, operation: { results: { applied: 2, refused: 0 } } });
  await runCommand(['pause', users[0] ?? '', 'under review'], env);
  const apply = [...words('pause'), '--dry-run-id', dryRun.operation.id];
  expect(await wait(...apply)).toMatchObject({ exit: 0, operation: { results: { applied: 1, refused: 1 } } });
  expect(await wait(...apply)).toMatchObject({ exit: 3, operation: { state: 'done', results: { refused: 2 } } });
  expect(await wait(...words('pause'), '--dry-run')).toMatchObject({ exit: 3, operation: { results: { refused: 2 } } });
});

it('exits with 1 where the receiver accepts no webhook, and with 0 once it does', async () => {
  await giveUp(gateway.stack, receiver, 2);
  receiver.answer(503);
  const resend = (state: string) => ['webhooks', 'resend-all', '--state', state, '--per-second', '50', 'it is back'];
  expect(await wait(...resend('givenUp'))).toMatchObject({
    exit: 1,
    operation: { state: 'done', results: { applied: 0, refused: 2 }, outcomes: { undelivered: 2 } },
  });
  receiver.answer(204);
  expect(await wait(...resend('retrying'))).toMatchObject({ exit: 0, operation: { results: { applied: 2 } } });
  expect(await runCommand(resend('givenUp'), env)).toMatchObject({
    exit: 2,
    err: expect.stringContaining('no undelivered webhook'),
  });
});

it('prints the operation that resends webhooks, and shows it on a terminal', async () => {
  const [ada = ''] = await giveUp(gateway.stack, receiver, 1);
  receiver.answer(204);
  const resent = await runInTerminal(['webhooks', 'resend-all', '--user-id', ada, '--wait', 'back'], env);
  expect(resent).toContain('Done: resendWebhooks, 1 of 1 (operator-name: back)');
  expect(resent).toMatch(new RegExp(`msg_\\S+ │ ${ada} │ applied`));
  expect((await runCommand(['operations'], env)).out).toMatch(/\tresendWebhooks\tdone\t1\t1\t/);
});
