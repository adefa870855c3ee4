import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { memoId, memoKinds, memoPrefix, writeMemo } from '../../../client/operators/memo-store.ts';
import { openGateway, startGateway } from '../../support/gateway.ts';
import type { Ask, Gateway } from '../../support/gateway.ts';
import { uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';

let gateway: Gateway;
let other: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
  other = await openGateway(gateway.stack);
});
afterAll(async () => {
  await other?.close();
  await gateway?.close();
});

const reason = 'seen by the night shift';
const ask = (method: string, path: string, body?: object, more: Ask = {}) =>
  gateway.call(method, path, { as: 'operator', ...(body && { body }), ...more });

async function begun(name: string): Promise<string> {
  const id = uniqueUserId(name);
  await gateway.stack.onward.start(id, { accountType: 'individual' });
  await waitForPosition(gateway.stack, id, 'emailPending.awaitingCode');
  return id;
}

const actsOf = async (id: string, filter = '', reader = gateway) =>
  (await reader.call('GET', `/v1/acts?userId=${id}${filter}`, { as: 'viewer' })).body.items;

const listed = (id: string, count: number, reader = gateway) =>
  waitUntil(async () => {
    const items = await actsOf(id, '', reader);
    return items.length === count && items;
  }, `${count} acts are listed`);

describe('the list of acts', () => {
  it('has operator, action, user, reason and result of every act, at every gateway', async () => {
    const ada = await begun('ada');
    await ask('POST', `/v1/users/${ada}/onboarding/pause`, { reason });
    await ask('POST', `/v1/users/${ada}/onboarding/pause`, { reason: 'once more' });
    const by = { role: 'operator', name: 'operator-name' };
    const [second, first] = await listed(ada, 2, other);
    expect(first).toMatchObject({ by, act: 'pause', userId: ada, reason, result: 'applied', status: 202 });
    expect(second).toMatchObject({
      by,
      act: 'pause',
      userId: ada,
      reason: 'once more',
      result: 'refused',
      status: 409,
    });
    expect(first.requestId).not.toBe(second.requestId);
    expect(await actsOf(ada, '&result=refused')).toEqual([second]);
    expect(await actsOf(ada, '&act=resume')).toEqual([]);
    expect(await actsOf(ada, '&by=another-operator')).toEqual([]);
    expect(await actsOf(ada, `&to=${first.at.slice(0, 10)}T00:00:00Z`)).toEqual([]);
  });

  it('has no act of the product, no read and no invalid call', async () => {
    const bo = await begun('bo');
    await gateway.call('POST', `/v1/users/${bo}/onboarding/recheck`);
    await ask('GET', `/v1/users/${bo}/onboarding`);
    await ask('POST', `/v1/users/${bo}/onboarding/pause`, { reason: ' ' });
    await ask('POST', `/v1/users/${bo}/onboarding/pause`, { reason });
    expect((await listed(bo, 1))[0]).toMatchObject({ act: 'pause' });
    const unknownUser = uniqueUserId('unknown');
    await ask('POST', `/v1/users/${unknownUser}/onboarding/pause`, { reason });
    expect(await actsOf(unknownUser)).toEqual([]);
  });

  it('is exported as CSV, without a text that a spreadsheet takes for a formula', async () => {
    const cy = await begun('cy');
    await ask('POST', `/v1/users/${cy}/onboarding/pause`, { reason: '=1+1, "quoted"' });
    await listed(cy, 1);
    const { status, body } = await ask('GET', `/v1/acts.csv?userId=${cy}`);
    expect(status).toBe(200);
    const [head, line, end] = (body as string).split('\r\n');
    expect(head).toBe('at,by,act,userId,subject,reason,parameters,result,status,requestId');
    expect(line).toContain(`,operator-name,pause,${cy},,"'=1+1, ""quoted""",,applied,202,`);
    expect(end).toBe('');
  });

  it('names the number of selected users of an operation, and none of them', async () => {
    const dan = await begun('dan');
    await waitUntil(async () => (await gateway.stack.onward.count({ userIds: [dan] })) === 1, 'it is listed');
    const namingUsers = `${dan.toUpperCase()} and ${dan} asked`;
    const request = { command: 'pause', filter: { userIds: [dan] }, expected: 1, dryRun: true, reason: namingUsers };
    const { body } = await ask('POST', '/v1/operations', request);
    const subject = `/v1/operations/${body.id}`;
    const act = await waitUntil(async () => {
      const { items } = (await ask('GET', '/v1/acts?act=operation')).body;
      return items.find((item: { subject: string }) => item.subject === subject);
    }, 'it is listed');
    const parameters = { command: 'pause', filter: { users: 1 }, dryRun: true };
    expect(act).toMatchObject({ userId: null, reason: '*** and *** asked', parameters });
    expect(JSON.stringify(act)).not.toContain(dan);
  });

  it('is encrypted in Temporal, and omits entries that were written without a key', async () => {
    const eve = await begun('eve');
    await ask('POST', `/v1/users/${eve}/onboarding/pause`, { reason });
    await listed(eve, 1);
    const { client } = gateway.stack;
    const query = `WorkflowType = '${memoKinds.act.type}' AND WorkflowId STARTS_WITH '${memoKinds.act.prefix}${eve}:'`;
    const { executions } = await client.workflowService.listWorkflowExecutions({ namespace: 'default', query });
    const [found] = executions;
    const stored = JSON.stringify(found?.memo?.fields, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    expect(stored).not.toContain('night shift');
    // The memo of another act does not count under another id.
    await client.workflowService.startWorkflowExecution({
      namespace: 'default',
      requestId: randomUUID(),
      workflowId: memoId(memoKinds.act, eve, randomUUID()),
      workflowType: { name: memoKinds.act.type },
      taskQueue: { name: 'onward-operators' },
      memo: found?.memo ?? null,
    });
    await waitUntil(async () => (await client.workflow.count(query)).count === 2, 'both are listed');
    expect(await actsOf(eve)).toHaveLength(1);
  });

  it('is erased with the user, and has the erasure without the id', async () => {
    const fay = await begun('fay');
    await ask('POST', `/v1/users/${fay}/onboarding/pause`, { reason: `about ${fay}` });
    await listed(fay, 1);
    const { requestId } = (await actsOf(fay))[0];
    expect(await ask('DELETE', `/v1/users/${fay}`, { reason: `${fay.toUpperCase()} asked for it` })).toMatchObject({
      status: 200,
    });
    expect(await actsOf(fay)).toEqual([]);
    const { items } = (await ask('GET', '/v1/acts?limit=200')).body;
    expect(JSON.stringify(items)).not.toContain(fay);
    expect(items.map((item: { requestId: string }) => item.requestId)).not.toContain(requestId);
    expect(items).toContainEqual(expect.objectContaining({ act: 'erase', userId: null, reason: '*** asked for it' }));
  });

  it('leaves out an act and a note that another release wrote', async () => {
    const jo = await begun('jo');
    const { client } = gateway.stack;
    for (const kind of [memoKinds.act, memoKinds.note]) {
      await writeMemo(client, kind, memoId(kind, jo, randomUUID()), { verb: 'pause', at: 1_700_000_000_000 });
    }
    await ask('POST', `/v1/users/${jo}/onboarding/pause`, { reason });
    await ask('POST', `/v1/users/${jo}/notes`, { text: 'asked for a callback' });
    const query = `WorkflowId STARTS_WITH '${memoPrefix(memoKinds.act, jo)}' OR WorkflowId STARTS_WITH '${memoPrefix(memoKinds.note, jo)}'`;
    await waitUntil(async () => (await client.workflow.count(query)).count === 5, 'all are listed');
    expect(await actsOf(jo, '&by=operator-name')).toMatchObject([{ act: 'addNote' }, { act: 'pause' }]);
    const notes = await ask('GET', `/v1/users/${jo}/notes`);
    expect(notes).toMatchObject({ status: 200, body: { items: [{ text: 'asked for a callback' }] } });
  });

  it('is for viewers and operators', async () => {
    for (const path of ['/v1/acts', '/v1/acts.csv', '/v1/notes', '/v1/users/ada/notes']) {
      expect(await ask('GET', path, undefined, { as: 'app' })).toMatchObject({ status: 403 });
    }
    expect(await ask('GET', '/v1/acts?from=yesterday')).toMatchObject({ status: 400, body: { field: 'from' } });
  });
});

describe('notes', () => {
  it('are on one person, for the other operators, until they are removed', async () => {
    const [gus, hal] = [await begun('gus'), await begun('hal')];
    const text = 'Called us: the number is right.';
    const added = await ask('POST', `/v1/users/${gus}/notes`, { text });
    expect(added).toMatchObject({ status: 201, body: { text, by: { role: 'operator', name: 'operator-name' } } });
    const notesOn = async (id: string) =>
      (await other.call('GET', `/v1/users/${id}/notes`, { as: 'viewer' })).body.items;
    await waitUntil(async () => (await notesOn(gus)).length === 1, 'it is listed');
    expect(await notesOn(gus)).toEqual([added.body]);
    expect(await notesOn(hal)).toEqual([]);
    expect(JSON.stringify(gateway.logged)).not.toContain('Called us');
    const path = `/v1/users/${gus}/notes/${added.body.id}`;
    expect(await ask('DELETE', path, undefined, { as: 'viewer' })).toMatchObject({ status: 403 });
    expect(await ask('POST', `/v1/users/${gus}/notes`, { text }, { as: 'viewer' })).toMatchObject({ status: 403 });
    expect(await ask('DELETE', path)).toMatchObject({ status: 200, body: added.body });
    await waitUntil(async () => (await notesOn(gus)).length === 0, 'it is removed');
    expect(await ask('DELETE', path)).toMatchObject({ status: 404 });
  });

  it('are erased with the person, and refused for a user without a journey', async () => {
    const ida = await begun('ida');
    await ask('POST', `/v1/users/${ida}/notes`, { text: 'asked for a callback' });
    const notes = async () => (await ask('GET', `/v1/users/${ida}/notes`)).body.items;
    await waitUntil(async () => (await notes()).length === 1, 'it is listed');
    expect(await ask('DELETE', `/v1/users/${ida}`, { reason })).toMatchObject({ status: 200 });
    expect(await notes()).toEqual([]);
    expect(await ask('POST', `/v1/users/${ida}/notes`, { text: 'again' })).toMatchObject({ status: 404 });
  });

  it('are of the shift, too', async () => {
    const text = `watch the receiver ${randomUUID()}`;
    const { body } = await ask('POST', '/v1/notes', { text });
    const find = async () =>
      (await ask('GET', '/v1/notes?limit=200')).body.items.find((note: { id: string }) => note.id === body.id);
    expect(await waitUntil(find, 'it is listed')).toEqual(body);
    expect(await ask('DELETE', `/v1/notes/${body.id}`)).toMatchObject({ status: 200 });
  });

  it.each([
    ['no text', { text: '' }],
    ['a text that steers a terminal', { text: '\u001b[2J' }],
    ['a text that is too long', { text: 'x'.repeat(1_001) }],
  ])('are refused with %s', async (_, body) => {
    expect(await ask('POST', '/v1/notes', body)).toMatchObject({ status: 400, body: { field: 'text' } });
  });
});
