import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitForPosition, uniqueUserId } from '../../support/stack.ts';
import { hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

let stage: Stage;
const inChromium = hasChromium ? describe : describe.skip;

inChromium('Person without a worker, in Chromium', () => {
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage?.close();
  });

  it('shows the live status soon after a worker runs again', async () => {
    const { stack } = stage.gateway;
    const id = uniqueUserId('waits');
    await stack.onward.start(id, { accountType: 'individual' });
    await waitForPosition(stack, id, 'emailPending.awaitingCode');
    await stack.stopWorkers();
    const page = await stage.open(`/console/people/${id}`);
    await page.clock.install();
    await page.reload();
    const badge = page.locator('.head').getByText('No worker answers');
    await badge.waitFor();
    // With the timers of the page stopped it polls nothing, so only its event stream can update it.
    await page.clock.pauseAt(Date.now() + 1_000);
    await stack.startWorker();
    await badge.waitFor({ state: 'detached', timeout: 120_000 });
    expect(await page.locator('.head').innerText()).toContain('E-mail pending');
  });
});
