import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { OperationsOfUser } from '../../client/bulk-operations/operations-of-user.ts';
import { parsePolicyDocument } from '../../client/config/adoptable-policy.ts';
import { StatusReader } from '../../client/journeys/status-reader.ts';
import { comparePage } from '../../client/what-ifs/compare-page.ts';
import type { WhatIfRequest } from '../../client/what-ifs/what-ifs.ts';
import { WhatIfs } from '../../client/what-ifs/what-ifs.ts';
import { adoptedPolicy } from '../../workflows/journey/policy/adoption.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { startStackOnOwnServer } from '../support/own-server.ts';
import {
  app,
  enterCode,
  guessWrong,
  operator,
  quickPolicy,
  statusOf,
  uniqueUserId,
  waitForPosition,
  waitUntil,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

/** The journeys that a test has are those of its own server, since a what-if may be about all. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStackOnOwnServer();
});
afterAll(() => stack?.close());

/** `quickPolicy` as a policy file has it, with fewer guesses. */
const stricter = {
  cooldowns: ['0 s'],
  retrySendFor: '0 s',
  unknownUserFor: '0 s',
  guesses: { perCode: 3, perChannel: 3 },
};

async function whatIf(request: Partial<WhatIfRequest> = {}, whatIfs = stack.onward.whatIfs) {
  const { id } = await whatIfs.start({ policy: stricter, ...request }, 'night');
  await waitUntil(async () => (await whatIfs.get(id)).state !== 'running', 'the what-if is over');
  const report = await whatIfs.get(id);
  const items = [...report.items];
  for (let { next } = report; next !== null;) {
    const page = await whatIfs.get(id, { cursor: next });
    items.push(...page.items);
    ({ next } = page);
  }
  return { ...report, items };
}

const listed = (count: number) =>
  waitUntil(async () => (await stack.onward.count({})) === count, `${count} journeys are listed`);

/** A user who enters so many wrong codes, each after a resend where the number is odd, and then the right one. */
async function behave(userId: string, wrong: number, facade = stack.onward): Promise<void> {
  const own = { ...stack, onward: facade };
  const ignored = () => undefined;
  await facade.start(userId, { accountType: 'business' });
  await waitForPosition(own, userId, 'emailPending.awaitingCode');
  for (let nth = 0; nth < wrong; nth += 1) {
    await guessWrong(own, userId).catch(ignored);
    if (wrong % 2 === 1) await facade.resend(userId, { channel: 'email' }, app).catch(ignored);
    // The user enters the newest code.
    await waitUntil(async () => (await facade.status(userId)).step !== 'sending', 'the resend is answered');
  }
  if (wrong < 6) await enterCode(own, userId, 'email').catch(ignored);
}

/** The fields that have to agree: all except user and times. */
const outcomeOf = ({ state, step, email, revision }: Status) => ({
  state,
  step,
  revision,
  email: { ...email, lastSend: email?.lastSend?.outcome, guessesLeft: undefined },
});

const JOURNEYS = 28;

it('agrees with the same journeys really run under the other policy', async () => {
  const other = stack.facade({ policy: adoptedPolicy(quickPolicy, parsePolicyDocument(stricter)) });
  const wrongs = Array.from({ length: JOURNEYS }, (_, nth) => nth % 7);
  const own = wrongs.map((wrong, nth) => ({ wrong, userId: uniqueUserId(`own${nth}`) }));
  for (let from = 0; from < own.length; from += 7) {
    await Promise.all(own.slice(from, from + 7).map(({ userId, wrong }) => behave(userId, wrong)));
  }
  await listed(JOURNEYS);
  const report = await whatIf();
  expect(report).toMatchObject({ state: 'done', total: JOURNEYS, done: JOURNEYS, policy: stricter, by: 'night' });
  expect(report.results.unreadable).toBe(0);
  expect(report.results.same).toBeGreaterThan(0);
  expect(report.results.undecided).toBe(report.items.length);
  for (const { userId, wrong } of own) {
    const really = uniqueUserId(`really-${wrong}`);
    await behave(really, wrong, other);
    const [was, is] = await Promise.all([stack.onward.status(userId), stack.onward.status(really)]);
    const item = report.items.find((each) => each.userId === userId);
    const decided = { item: undefined, ...outcomeOf(was) };
    // The third wrong code locks the channel, and nothing is said of what comes then.
    const parted = { item: { differences: ['lockedSooner'], cause: 'otherOutcome' }, step: 'locked' };
    expect({ item, ...outcomeOf(is) }).toMatchObject(item === undefined ? decided : parted);
  }
}, 300_000);

it('adds up over pages and runs, selects journeys, and leaves them as they are', async () => {
  const users = await Promise.all(['a', 'b', 'c'].map((name) => Promise.resolve(uniqueUserId(name))));
  await Promise.all(users.map((userId) => behave(userId, 6)));
  const [ada = ''] = users;
  const before = await stack.onward.status(ada);
  const all = await stack.onward.count({});
  const small = new WhatIfs({ ...stack, sizes: { page: 10, pages: 2 } });
  const report = await whatIf({}, small);
  const { results } = report;
  expect(results.same + results.differs + results.undecided + results.unreadable).toBe(report.done);
  expect(report.done).toBeGreaterThanOrEqual(all);
  expect(report.items.map(({ userId }) => userId)).toEqual(expect.arrayContaining(users));
  expect(await stack.onward.status(ada)).toEqual(before);
  const one = await whatIf({ filter: { userId: ada } });
  expect(one).toMatchObject({ done: 1, differences: { lockedSooner: 1 }, causes: { otherOutcome: 1 } });
  expect(await whatIf({ since: new Date(Date.now() + 60_000).toISOString() })).toMatchObject({ total: 0, done: 0 });
  const { items } = await stack.onward.whatIfs.list(2);
  expect(items).toHaveLength(2);
  // An erasure finds what a what-if says of a user.
  const runs = await new OperationsOfUser(stack.client).runsWith(ada);
  expect(runs.map(({ workflowId }) => workflowId)).toContain(`onward-what-if:${one.id}`);
}, 180_000);

it('lists no user who was erased while the page was compared', async () => {
  const erased = uniqueUserId('erased');
  await behave(erased, 6);
  await waitUntil(async () => (await stack.onward.count({ userId: erased })) === 1, 'the journey is listed');
  const reader = new StatusReader(stack.client);
  const record = async (userId: string) => {
    const read = await reader.record(userId);
    await stack.onward.erase(userId);
    return read;
  };
  const policy = parsePolicyDocument(stricter);
  const at = new Date().toISOString();
  const request = { policy, filter: { userId: erased }, since: null, at, page: 10, cursor: null };
  const page = await comparePage(stack.client, record, request);
  expect(page).toMatchObject({ items: [], counts: { done: 1, results: { undecided: 1 } } });
});

it('names a wrong key of the policy', async () => {
  await expect(stack.onward.whatIfs.start({ policy: { guesses: { perCode: 0 } } }, 'night')).rejects.toThrow(
    'policy is wrong at guesses.perCode',
  );
});

it('lets open journeys take over a policy: a limit that was lowered refuses from then on', async () => {
  const operations = stack.onward.operations;
  const [locked, fresh] = [uniqueUserId('locked'), uniqueUserId('fresh')];
  await Promise.all([behave(locked, 6), stack.onward.start(fresh, { accountType: 'individual' })]);
  await waitForPosition(stack, fresh, 'emailPending.awaitingCode');
  for (const userId of [locked, fresh]) {
    await waitUntil(async () => (await stack.onward.count({ userId })) === 1, `${userId} is listed`);
    const request = {
      command: 'adoptPolicy',
      policy: stricter,
      filter: { userId },
      expected: 1,
      reason: 'fraud',
    } as const;
    const run = async (more: { dryRun: true } | { dryRunId: string }) => {
      const { id } = await operations.start({ ...request, ...more }, operator);
      return waitUntil(async () => {
        const operation = await operations.get(id);
        return operation.state === 'done' && operation;
      }, 'the operation is over');
    };
    const dryRun = await run({ dryRun: true });
    const why = userId === locked ? 'the channel is locked: its guesses are used up' : null;
    expect(dryRun.items).toEqual([{ userId, outcome: 'applied', until: null, why }]);
    const wrong = { ...request, policy: {}, dryRunId: dryRun.id };
    await expect(operations.start(wrong, operator)).rejects.toThrow('this one had another policy');
    expect(await run({ dryRunId: dryRun.id })).toMatchObject({ outcomes: { applied: 1 }, policy: stricter });
    const newest = (await stack.onward.timeline(userId)).at(-1);
    expect(newest).toMatchObject({ what: 'Adopted another policy', by: 'operator night', reason: 'fraud' });
  }
  expect(await statusOf(stack, locked)).toMatchObject({ step: 'locked', email: { guessesLeft: 0 } });
  await expect(guessWrong(stack, locked)).rejects.toMatchObject({ code: 'invalid_state' });
  expect(await statusOf(stack, fresh)).toMatchObject({ step: 'awaitingCode', email: { guessesLeft: 3 } });
  // The log still says everything: past statuses and exports run it through the machine.
  const history = await stack.onward.statusHistory(locked);
  expect(history.at(-1)?.status).toMatchObject({ step: 'locked' });
  expect((await stack.onward.export(locked)).status).toMatchObject({ state: 'emailPending' });
  await stack.stopWorkers();
  await stack.startWorker();
  expect(await statusOf(stack, locked)).toMatchObject({ state: 'emailPending', step: 'locked', live: true });
}, 180_000);

it('adopts a policy only with one, and accepts no policy with another command', async () => {
  const request = { filter: { step: 'locked' }, expected: 1, dryRun: true, reason: 'fraud' } as const;
  for (const wrong of [{ command: 'adoptPolicy' }, { command: 'retry', policy: stricter }] as const) {
    await expect(stack.onward.operations.start({ ...request, ...wrong }, operator)).rejects.toThrow(
      'policy is for the command adoptPolicy',
    );
  }
});
