import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callsOf, enterCode, historyOf, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

describe.each([
  ['cached', {}],
  ['replayed each time', { maxCachedWorkflows: 0 }],
])('a journey, %s', (_, worker) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ worker });
  });
  afterAll(() => stack.close());

  it('brings an individual to done by two codes', async () => {
    const ada = user('ada');
    expect(await stack.onward.start(ada, { accountType: 'individual' })).toEqual({ started: true });
    await untilAt(stack, ada, 'emailPending.awaitingCode');
    expect(await enterCode(stack, ada, 'email')).toMatchObject({ outcome: 'verified' });
    await untilAt(stack, ada, 'smsPending.awaitingCode');
    expect(await enterCode(stack, ada, 'sms')).toMatchObject({ outcome: 'verified' });
    const status = await untilAt(stack, ada, 'done');
    expect(status).toMatchObject({ email: { evidence: 'code', sends: 1 }, sms: { evidence: 'code', sends: 1 } });
    expect(callsOf(stack, ada)).toEqual(['send email 200', 'confirm email 200', 'send sms 200', 'confirm sms 200']);
    const events = await historyOf(stack, ada);
    expect(events.length).toBeLessThanOrEqual(41);
  });
});
