import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { waitForPosition, uniqueUserId } from '../../support/stack.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('answers waiting callers once the wait is over, also after a garbage collection', async () => {
  const ada = uniqueUserId('ada');
  await gateway.stack.onward.start(ada, { accountType: 'individual' });
  const { revision } = await waitForPosition(gateway.stack, ada, 'emailPending.awaitingCode');
  const collecting = [200, 500].map((after) => setTimeout(collectGarbage, after));
  try {
    const path = `/v1/users/${ada}/onboarding?after=${revision}&wait=1`;
    const signal = AbortSignal.timeout(15_000);
    expect(await gateway.call('GET', path, { signal })).toMatchObject({ status: 200, body: { userId: ada } });
  } finally {
    for (const timer of collecting) clearTimeout(timer);
  }
});
