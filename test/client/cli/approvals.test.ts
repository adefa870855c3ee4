import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Environment } from '../../../client/config/env.ts';
import { digestOf } from '../../../client/gateway/plugins/tokens.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { runCommand, runInTerminal } from './run-cli.ts';

const SECOND = 'token-of-a-second-operator';

let gateway: Gateway;
let asker: Environment;
let approver: Environment;
beforeAll(async () => {
  const operators = Object.entries({ asker: bearers.operator, approver: SECOND });
  gateway = await startGateway(
    { onward: { approvals: { above: 1, within: 3_600_000 } } },
    { tokens: operators.map(([name, token]) => ({ role: 'operator' as const, name, digest: digestOf(token) })) },
  );
  asker = { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.operator };
  approver = { ONWARD_URL: gateway.url, ONWARD_TOKEN: SECOND };
});
afterAll(() => gateway?.close());

const json = async (...words: string[]) => JSON.parse((await runCommand([...words, '--json'], asker)).out);

/** Starts two journeys, and asks to apply a command to both. Returns the id of the operation. */
async function ask(command: string): Promise<string> {
  const users = [uniqueUserId('one'), uniqueUserId('two')];
  await Promise.all(users.map((userId) => gateway.stack.onward.start(userId, { accountType: 'individual' })));
  for (const userId of users) await waitForPosition(gateway.stack, userId, 'emailPending.awaitingCode');
  const begin = ['operations', 'begin', command, '--user-ids', users.join(), '--expected', '2', '--yes'];
  const dryRun = await json(...begin, '--dry-run', '--wait', 'under review');
  return (await json(...begin, '--dry-run-id', dryRun.id, 'under review')).id;
}

const untilState = (id: string, state: string) =>
  waitUntil(async () => (await json('operations', 'show', id)).state === state, `the operation is ${state}`);

it('approves the request of another operator, and lists the requests that wait', async () => {
  const id = await ask('pause');
  const shown = await runInTerminal(['operations', 'show', id], approver);
  expect(shown).toContain('Awaits approval: pause');
  expect(shown).toContain('Above 1, an operator other than asker has to approve it first.');
  expect(shown).toContain(`onward operations approve ${id} <why>`);
  expect((await runCommand(['operations'], approver)).out).toMatch(new RegExp(`${id}\tpause\tawaits approval`));

  expect(await runCommand(['operations', 'approve', id, 'mine'], asker)).toMatchObject({
    exit: 1,
    err: expect.stringContaining('another operator'),
  });
  expect(await runCommand(['operations', 'approve', id, 'stale', '--digest', 'other'], approver)).toMatchObject({
    exit: 2,
    err: expect.stringContaining('digest'),
  });
  expect(await runCommand(['operations', 'approve', id, 'seen', 'with', 'support'], approver)).toMatchObject({
    exit: 0,
    out: `approved: pause for 2 journeys\nonward operations show ${id} --watch\n`,
  });
  await untilState(id, 'done');
  expect(await runInTerminal(['operations', 'show', id], approver)).toContain(
    'approved by approver: seen with support',
  );
  expect(await runCommand(['operations', 'approve', id, 'again'], approver)).toMatchObject({
    exit: 3,
    err: expect.stringContaining('does not wait for an approval'),
  });
});

it('rejects the request of another operator, or withdraws its own', async () => {
  const rejected = await ask('pause');
  expect(await runCommand(['operations', 'reject', rejected, 'not', 'now'], approver)).toMatchObject({
    exit: 0,
    out: 'rejected: pause for 2 journeys\n',
  });
  await untilState(rejected, 'rejected');
  const withdrawn = await ask('pause');
  expect(await runCommand(['operations', 'stop', withdrawn, 'wrong filter'], asker)).toMatchObject({ exit: 0 });
  await untilState(withdrawn, 'stopped');
});
