import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startReceiver } from '../../support/receiver.ts';
import type { TestReceiver } from '../../support/receiver.ts';
import { waitUntil } from '../../support/stack.ts';
import { giveUp, receiverSecret, sendsTo } from '../../support/undelivered.ts';
import { act, barriersOn, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

let stage: Stage;
let receiver: TestReceiver;
const inChromium = hasChromium ? describe : describe.skip;

inChromium('The resend of undelivered webhooks, in Chromium', () => {
  beforeAll(async () => {
    receiver = await startReceiver();
    stage = await openStage({ worker: { receiver: { url: receiver.url, secret: receiverSecret } } });
  });
  afterAll(async () => {
    await stage?.close();
    await receiver?.close();
  });

  it('starts an operation that goes on without the page, and shows its progress', async () => {
    const { stack } = stage.gateway;
    const users = await giveUp(stack, receiver, 30);
    receiver.answer(204);
    const page = await stage.open('/console/operations');
    const effect = await act(page, 'Send all that were given up again …', 'the receiver is back');
    expect(effect).toContain('about 30 status changes');
    await page.waitForURL('**/console/operations/*');
    await page.getByRole('heading', { name: 'Resend webhooks' }).waitFor();
    await page.getByText(/^webhooks that were given up · [1-9]\d* of 30/).waitFor();
    await page
      .getByRole('row', { name: /undelivered\d+-.* 1 Delivered/ })
      .first()
      .waitFor();
    expect(await barriersOn(page)).toEqual([]);
    const address = page.url();
    await page.close();

    const again = await stage.open('/console/operations');
    const row = again.getByRole('row', { name: /the receiver is back/ });
    expect(await row.innerText()).toContain('webhooks that were given up');
    await row.getByRole('link', { name: 'Resend webhooks' }).click();
    await again.locator('.head .badge').getByText('Done', { exact: true }).waitFor();
    expect(again.url()).toBe(address);
    await again.getByText('30 Delivered', { exact: true }).waitFor();
    expect(users.map((userId) => sendsTo(receiver, userId))).toEqual(users.map(() => 2));
    await again.goto(`${stage.gateway.url}/console/activity?act=resendWebhooks`);
    const acts = again.getByRole('row', { name: /the receiver is back/ });
    await acts.getByRole('link', { name: 'operation' }).click();
    await again.getByRole('heading', { name: 'Resend webhooks' }).waitFor();
  });

  it('names what the receiver does not accept', async () => {
    await giveUp(stage.gateway.stack, receiver, 2);
    receiver.answer(503);
    const page = await stage.open('/console/operations');
    await act(page, 'Send all that were given up again …', 'a hope');
    await page.locator('.head .badge').getByText('Nothing applied, 2 refused').waitFor();
    const refused = page.getByRole('row', { name: /Not accepted by the receiver the receiver answered 503/ });
    expect(await refused.count()).toBe(2);
    receiver.answer(204);
    await waitUntil(
      async () => (await stage.gateway.stack.onward.webhooks.list(200)).items.length === 0,
      'all are delivered',
    );
    expect(stage.pageErrors).toEqual([]);
  });
});
