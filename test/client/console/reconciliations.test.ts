import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { callsOf, operator, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { act, barriersOn, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

let stage: Stage;
const HOUR = 60 * 60_000;
const inChromium = hasChromium ? describe : describe.skip;

const cardOn = (page: Page) => page.getByRole('region', { name: 'Reconciliations' }).first();
const newestOn = (page: Page) => cardOn(page).locator('tbody tr').first();

/** Waits until the card shows as newest the reconciliation of this reason, in this state. Returns its row. */
async function untilNewest(page: Page, state: string, reason: string): Promise<string> {
  const row = await waitUntil(async () => {
    const text = (await newestOn(page).count()) === 0 ? '' : await newestOn(page).innerText();
    return text.includes(state) && text.includes(reason) && text;
  }, `the newest reconciliation, for "${reason}", is: ${state}`);
  return row.replaceAll(/\s+/g, ' ');
}

const stateOn = (page: Page, state: string) => page.locator('.head .badge').getByText(state, { exact: true }).waitFor();

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

  it('starts a dry run, shows on its page what would be done for each user, and then does it', async () => {
    const { stack } = stage.gateway;
    const name = uniqueUserId('lost');
    const users = [`${name}-1`, `${name}-2`] as const;
    stack.sfox.crowd(name, users.length);
    const page = await stage.open('/console/operations');
    await cardOn(page).getByText('None yet.').waitFor();

    expect(await act(page, 'Dry run …', 'events were lost')).toContain('Nothing is changed.');
    await page.waitForURL('**/console/reconciliations/*');
    await page.getByRole('heading', { name: 'Reconciliation (dry run)' }).waitFor();
    await stateOn(page, 'Done');
    for (const userId of users) {
      const row = page.getByRole('row', { name: userId });
      expect(await row.innerText()).toMatch(/No journey here\s+Started/);
      expect(await missing(userId)).toBe(true);
    }
    await page.getByText('2 started', { exact: true }).waitFor();

    expect(await act(page, 'Reconcile …', 'they are lost indeed')).toContain('No code is sent.');
    await page.getByRole('heading', { name: 'Reconciliation', exact: true }).waitFor();
    await stateOn(page, 'Done');
    await page.getByText('operator-name, ').waitFor();
    for (const userId of users) {
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      expect(callsOf(stack, userId)).toEqual([]);
    }
    expect(await barriersOn(page)).toEqual([]);

    await page.goto(`${stage.gateway.url}/console/reconciliations`);
    const row = await untilNewest(page, 'Done', 'they are lost indeed');
    expect(row).toMatch(/^Reconciliation Done .* 2 started operator-name: they are lost indeed/);
    await cardOn(page).getByRole('link', { name: 'Dry run' }).click();
    await page.getByText('events were lost').waitFor();
    expect(await barriersOn(page)).toEqual([]);

    await page.goto(`${stage.gateway.url}/console/activity?act=reconciliation`);
    const acts = page.getByRole('row', { name: /they are lost indeed/ });
    await acts.getByRole('link', { name: 'reconciliation' }).click();
    await page.getByRole('heading', { name: 'Reconciliation', exact: true }).waitFor();
  });

  it('stops a reconciliation that waits for sign-up events', async () => {
    const { stack } = stage.gateway;
    stack.sfox.crowd(uniqueUserId('late'), 1);
    const patient = stack.facade({ reconcile: { graceFor: HOUR, perSecond: 50 } });
    const { id } = await patient.reconciliations.start({ reason: 'an hour of grace' }, operator);
    const page = await stage.open(`/console/reconciliations/${id}`);
    await stateOn(page, 'Waiting');
    await page.getByText(/^1 person without a journey wait/).waitFor();
    expect(await act(page, 'Stop …', 'wrong environment')).toContain('no other journey is changed');
    await stateOn(page, 'Stopped');
    await page.getByText('Stopped by operator-name').waitFor();
    expect(await page.getByRole('button', { name: 'Stop …' }).count()).toBe(0);
  });

  it('says why a reconciliation failed', async () => {
    const { stack } = stage.gateway;
    stack.sfox.script('*', 'list', ['cut-off', 'cut-off', 'cut-off', 'cut-off']);
    const page = await stage.open('/console/operations');
    await act(page, 'Reconcile …', 'the list breaks off');
    await stateOn(page, 'Failed');
    await page.getByText(/^the list of users could not be read: the reply of the provider was incomplete/).waitFor();
    await page.getByRole('link', { name: 'Operations' }).click();
    expect(await untilNewest(page, 'Failed', 'the list breaks off')).toContain(
      'the reply of the provider was incomplete',
    );
  });

  it('shows a viewer the list without actions', async () => {
    const page = await stage.open('/console/operations', { as: 'viewer' });
    await newestOn(page).getByText('the list breaks off').waitFor();
    expect(await cardOn(page).getByRole('button').allInnerTexts()).toEqual([]);
    await cardOn(page).getByRole('link', { name: 'Dry run' }).click();
    await stateOn(page, 'Done');
    expect(await page.getByRole('main').getByRole('button').allInnerTexts()).toEqual([]);
    expect(stage.pageErrors).toEqual([]);
  });
});
