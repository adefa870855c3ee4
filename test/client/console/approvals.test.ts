import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { digestOf } from '../../../client/gateway/plugins/tokens.ts';
import { bearers } from '../../support/gateway.ts';
import { uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { act, barriersOn, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

const SECOND = 'token-of-a-second-operator';

let stage: Stage;
const inChromium = hasChromium ? describe : describe.skip;

inChromium('The approval of a bulk operation, in Chromium', () => {
  beforeAll(async () => {
    const operators = Object.entries({ asker: bearers.operator, approver: SECOND });
    stage = await openStage(
      { onward: { approvals: { above: 1, within: 3_600_000 } } },
      { tokens: operators.map(([name, token]) => ({ role: 'operator' as const, name, digest: digestOf(token) })) },
    );
  });
  afterAll(async () => {
    await stage?.close();
  });

  /** Starts two journeys, selects both on the page of an operator, and asks to retry them. Returns the page of the operation. */
  async function askToRetry(): Promise<Page> {
    const { stack } = stage.gateway;
    const prefix = uniqueUserId('both');
    const users = [`${prefix}-1`, `${prefix}-2`];
    await Promise.all(users.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
    for (const userId of users) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    await waitUntil(async () => (await stack.onward.count({ userIdPrefix: prefix })) === 2, 'both are listed');
    const dryRun = await stack.onward.operations.start(
      { command: 'pause', filter: { userIds: users }, expected: 2, dryRun: true, reason: 'under review' },
      { role: 'operator', name: 'asker' },
    );
    await waitUntil(async () => (await stack.onward.operations.get(dryRun.id)).state === 'done', 'the dry run is done');
    const page = await stage.open(`/console/operations/${dryRun.id}`);
    expect(await act(page, 'Carry it out …', 'under review')).toContain('Only those of the dry run are taken');
    await page.getByRole('heading', { name: 'Approval' }).waitFor();
    return page;
  }

  async function openAsSecond(address: string): Promise<Page> {
    const page = await stage.visit(`${stage.gateway.url}${address}`);
    await page.getByLabel('Viewer or operator token').fill(SECOND);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    return page;
  }

  it('is requested by one operator, and given by another, who finds it on the overview', async () => {
    const askersPage = await askToRetry();
    await askersPage.getByText('You asked for it, so another operator decides.').waitFor();
    expect(await askersPage.getByRole('button', { name: 'Approve …' }).count()).toBe(0);
    expect(await barriersOn(askersPage)).toEqual([]);

    const page = await openAsSecond('/console/');
    const attention = page.getByRole('region', { name: 'Attention' });
    await attention.getByText('pause for 2 journeys, asked for by asker').waitFor();
    await attention.getByRole('link', { name: 'Show operation' }).click();
    await page.getByText('Above 1, an operator other than asker has to approve it first.').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    const effect = await act(page, 'Approve …', 'seen with support');
    expect(effect).toContain('asker asked for it: “under review”. It begins at once');
    await page.getByText('by approver').waitFor();
    await page.getByText('2 of 2').waitFor();
    await askersPage.getByText('seen with support').waitFor();
    expect(stage.pageErrors).toEqual([]);
  });

  it('is refused by another operator, and nothing is sent', async () => {
    const askersPage = await askToRetry();
    const page = await openAsSecond(new URL(askersPage.url()).pathname);
    await act(page, 'Reject …', 'not tonight');
    await page.locator('.head').getByText('Rejected').waitFor();
    await askersPage.getByText('not tonight').waitFor();
    expect(await askersPage.locator('.head').innerText()).toContain('0 of 2');
  });

  it('can be withdrawn by the operator who asked', async () => {
    const askersPage = await askToRetry();
    expect(await act(askersPage, 'Withdraw …', 'wrong filter')).toContain('No journey is changed.');
    await askersPage.locator('.head').getByText('Stopped', { exact: true }).waitFor();
  });
});
