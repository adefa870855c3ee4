import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { callsOf, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { act, barriersOn, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

let stage: Stage;
const inChromium = hasChromium ? describe : describe.skip;

const cardOn = (page: Page) => page.getByRole('region', { name: 'Reconciliations' }).first();
const newestOn = (page: Page) => cardOn(page).locator('tbody tr').first();

/** Waits until the card shows as newest the reconciliation of this reason, in this state. Returns its row. */
async function untilNewest(page: Page, state: string, reason: string): Promise<string> {
  const row = await waitUntil(async () => {
    const text = (await newestOn(page).count()) === 0 ? '' : await newestOn(page).innerText();
    return text.startsWith(state) && text.includes(reason) && text;
  }, `the newest reconciliation, for "${reason}", is: ${state}`);
  return row.replaceAll(/\s+/g, ' ');
}

const missing = (userId: string) =>
  stage.gateway.stack.onward.status(userId).then(
    () => false,
    () => true,
  );

inChromium('Reconciliations, in Chromium', () => {
  beforeAll(async () => {
    stage = await openStage({ onward: { reconcile: { graceFor: 0, perSecond: 50 } } });
  });
  afterEach(() => stage?.closePages());
  afterAll(async () => {
    await stage?.close();
  });

  it('starts a dry run, which changes nothing, and then a reconciliation', async () => {
    const { stack } = stage.gateway;
    const name = uniqueUserId('lost');
    const users = [`${name}-1`, `${name}-2`] as const;
    stack.sfox.crowd(name, users.length);
    const page = await stage.open('/console/operations');
    await cardOn(page).getByText('None yet.').waitFor();

    expect(await act(page, 'Dry run …', 'events were lost')).toContain('Nothing is changed.');
    const dryRun = await untilNewest(page, 'Done', 'events were lost');
    expect(dryRun).toContain('Done (dry run)');
    expect(dryRun).toContain('2 started');
    expect(dryRun).toContain('operator-name: events were lost');
    for (const userId of users) expect(await missing(userId)).toBe(true);

    expect(await act(page, 'Reconcile …', 'they are lost indeed')).toContain('No code is sent.');
    const done = await untilNewest(page, 'Done', 'they are lost indeed');
    expect(done).not.toContain('dry run');
    expect(done).toContain('2 started');
    for (const userId of users) {
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      expect(callsOf(stack, userId)).toEqual([]);
    }
    expect(await barriersOn(page)).toEqual([]);
  });

  it('says why a reconciliation failed', async () => {
    const { stack } = stage.gateway;
    stack.sfox.script('*', 'list', ['cut-off', 'cut-off', 'cut-off', 'cut-off']);
    const page = await stage.open('/console/operations');
    await act(page, 'Reconcile …', 'the list breaks off');
    expect(await untilNewest(page, 'Failed', 'the list breaks off')).toContain('ProviderOutcomeUnknown');
  });

  it('shows a viewer the list without actions', async () => {
    const page = await stage.open('/console/operations', { as: 'viewer' });
    await newestOn(page).getByText('the list breaks off').waitFor();
    expect(await cardOn(page).getByRole('button').allInnerTexts()).toEqual([]);
    expect(stage.pageErrors).toEqual([]);
  });
});
