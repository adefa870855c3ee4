import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { checkSignUps } from '../../../client/doctor/index.ts';
import type { Stack } from '../../support/stack.ts';
import { startStack, uniqueUserId } from '../../support/stack.ts';
import { bearers, openGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';

let stack: Stack;
let gateway: Gateway | undefined;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});
afterAll(() => stack?.close());

const event = (more: object = {}) => ({
  type: 'user.created',
  timestamp: new Date().toISOString(),
  data: { userId: uniqueUserId('ada') },
  ...more,
});
const otherType = () => event({ type: 'user_created' });
const tooOld = () => event({ timestamp: '2020-01-31T09:30:00Z' });

/** The findings of `doctor` at a gateway that received these events since its start. */
async function checkAfter(...events: object[]) {
  gateway = await openGateway(stack);
  for (const each of events) expect((await gateway.deliver(each)).status).toBe(202);
  const { url } = gateway;
  return checkSignUps(() => ({ url: `${url}/`, token: bearers.viewer }));
}

describe('the check signUps of doctor', () => {
  it('passes if the gateway received no events', async () => {
    expect(await checkAfter()).toMatchObject({ name: 'signUps', ok: true, fix: null });
  });

  it('passes if one event was accepted, regardless of ignored ones', async () => {
    const found = 'since its start, the gateway accepted 1 and ignored 2 sign-up events (1 of another type, 1 too old)';
    expect(await checkAfter(otherType(), tooOld(), event())).toEqual({
      name: 'signUps',
      code: 'signUps',
      ok: true,
      found,
      fix: null,
    });
  });

  it('fails if every event has another type, and names the policy keys', async () => {
    const check = await checkAfter(otherType(), otherType());
    expect(check).toMatchObject({
      ok: false,
      found: expect.stringContaining('ignored 2 sign-up events (2 of another type, 0 too old)'),
    });
    expect(check.fix).toContain('events.type and events.types');
    expect(check.fix).not.toContain('events.time');
  });

  it('fails if every event is too old, and names the time field', async () => {
    const check = await checkAfter(tooOld());
    expect(check).toMatchObject({
      ok: false,
      found: expect.stringContaining('ignored 1 sign-up events (0 of another type, 1 too old)'),
    });
    expect(check.fix).toContain('events.time');
    expect(check.fix).not.toContain('events.types');
  });

  it('is skipped if no gateway is configured, none answers, or the token is refused', async () => {
    const unknown = checkSignUps(() => {
      throw new Error('set ONWARD_URL');
    });
    expect(await unknown).toMatchObject({ ok: 'skipped', found: 'no gateway could be reached: set ONWARD_URL' });
    const silent = checkSignUps(() => ({ url: 'http://127.0.0.1:9', token: bearers.viewer }));
    expect(await silent).toMatchObject({ ok: 'skipped', fix: null });
    const { url } = (gateway = await openGateway(stack));
    const refused = await checkSignUps(() => ({ url, token: 'another' }));
    expect(refused).toMatchObject({
      ok: 'skipped',
      found: `the gateway at ${url} returned status 401 for its metrics`,
    });
  });
});
