import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { operator, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { act, barriersOn, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

let stage: Stage;
const inChromium = hasChromium ? describe : describe.skip;

const namesOn = (page: Page) => page.locator('table.people tbody th a').allInnerTexts();

inChromium('People, in Chromium', () => {
  beforeAll(async () => {
    stage = await openStage();
  });
  afterEach(() => stage?.closePages());
  afterAll(() => stage?.close());

  it('filters and searches, stores the filter in the URL, and supports the keyboard', async () => {
    const stalled = await stage.strand(3, 'keys');
    const page = await stage.open('/console/people');
    await page.getByLabel('Step').selectOption('Stalled');
    await page.getByText('3 people').waitFor();
    await page.getByLabel('Reason').selectOption('Provider unavailable');
    await page.waitForURL('**/console/people?step=stalled&reason=providerUnavailable');
    await page.reload();
    await waitUntil(async () => (await namesOn(page)).length === 3, 'the filter has survived');
    const names = await namesOn(page);
    expect(names.toSorted()).toEqual(stalled.toSorted());

    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    expect(await page.getByLabel(`Select ${names[1]}`).isChecked()).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/console/people/${names[1]}`);
    await page.goBack();
    await waitUntil(async () => (await namesOn(page)).length === 3, 'the list is back');
    await page.keyboard.press('/');
    await page.keyboard.type(names[2] ?? '');
    await page.keyboard.press('Enter');
    await waitUntil(async () => (await namesOn(page)).join() === names[2], 'the one is found');

    await page.getByRole('link', { name: 'Clear all' }).click();
    await page.getByLabel('Unchanged for').selectOption('over 1 day');
    await page.getByText('No user matches.').waitFor();
  });

  it('applies a command to a selection after a dry run', async () => {
    const { stack } = stage.gateway;
    const page = await stage.open('/console/people?step=stalled');
    await waitUntil(async () => (await namesOn(page)).length === 3, 'all of them are listed');
    const [first = '', second = ''] = await namesOn(page);
    await page.getByLabel(`Select ${first}`).check();
    await page.getByLabel(`Select ${second}`).check();
    await page.getByRole('button', { name: 'Act on 2 selected …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await dialog.getByLabel('Reason').fill('looked into');
    await dialog.getByRole('button', { name: 'Dry run first' }).click();
    await page.getByRole('heading', { name: 'Pause (dry run)' }).waitFor();
    await page.getByText('2 people selected').first().waitFor();
    await waitUntil(async () => (await page.getByText('Applied, no code').count()) === 3, 'both are previewed');
    expect(await act(page, 'Carry it out …', 'looked into')).toContain('2 journeys match now');
    await page.locator('.head').getByText('Done', { exact: true }).waitFor();
    for (const id of [first, second]) await waitForPosition(stack, id, 'emailPending.paused');
    await waitUntil(async () => (await stack.onward.count({ step: 'paused' })) === 2, 'two are listed as paused');
  });

  it('never says only Done of an operation that every journey refused', async () => {
    const { stack } = stage.gateway;
    const [first = '', second = ''] = (await stack.onward.list({ step: 'paused' })).items.map(({ userId }) => userId);
    const request = { command: 'pause', filter: { userIds: [first, second] }, expected: 2 } as const;
    const { id } = await stack.onward.operations.start({ ...request, dryRun: true, reason: 'twice' }, operator);
    const page = await stage.open(`/console/operations/${id}`);
    await page.locator('.head').getByText('Nothing would be applied, 2 would be refused').waitFor();
    await page.goto(new URL('/console/operations', page.url()).href);
    await page.getByText('Nothing would be applied, 2 would be refused').waitFor();
    const row = page.getByRole('row', { name: /Nothing would be applied/ });
    expect(await row.getByText('Done', { exact: true }).count()).toBe(0);
  });

  it('saves a view by name in the browser, and opens it by its address', async () => {
    const page = await stage.open('/console/people?step=paused&sort=since');
    await waitUntil(async () => (await namesOn(page)).length === 2, 'both are listed');
    await page.getByRole('button', { name: 'Save this view' }).click();
    await page.getByLabel('Name of the view').fill('On hold');
    await page.keyboard.press('Enter');
    await page.goto(`${stage.gateway.url}/console/people`);
    const views = page.getByRole('navigation', { name: 'Saved views' });
    await views.getByRole('link', { name: 'On hold' }).click();
    await page.waitForURL('**/console/people?step=paused&sort=since');
    await waitUntil(async () => (await namesOn(page)).length === 2, 'the view is back');
    await views.getByRole('button', { name: 'Remove this view' }).click();
    await page.reload();
    await waitUntil(async () => (await namesOn(page)).length === 2, 'the filter has survived');
    expect(await views.getByRole('link').count()).toBe(0);
  });

  it('sorts by any column once all that match are shown, and says by which', async () => {
    const page = await stage.open('/console/people?state=emailPending');
    await page.getByRole('columnheader', { name: 'User' }).getByRole('button').click();
    const inOrder = (names: readonly string[]) => names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const ascending = await waitUntil(async () => {
      const names = await namesOn(page);
      return names.length > 1 && names.join() === inOrder(names).join() && names;
    }, 'they are in ascending order');
    expect(await page.getByRole('columnheader', { name: 'User' }).getAttribute('aria-sort')).toBe('ascending');
    await page.getByRole('columnheader', { name: 'User' }).getByRole('button').click();
    await page.waitForURL('**/console/people?state=emailPending&sort=-userId');
    const descending = ascending.toReversed().join();
    await waitUntil(async () => (await namesOn(page)).join() === descending, 'they are in descending order');
  });

  it('shows changes by others without a reload', async () => {
    const { stack } = stage.gateway;
    const [id = ''] = await stage.strand(1, 'elsewhere');
    const page = await stage.open(`/console/people?userId=${id}`);
    const row = page.getByRole('row', { name: new RegExp(id) });
    await row.getByText('E-mail pending · Stalled').waitFor();
    await stack.onward.pause(id, { reason: 'by another operator' }, operator);
    await row.getByText('E-mail pending · Paused').waitFor();
    expect(page.url()).toContain(`userId=${id}`);
  });

  it('turns a selection of all that match into a bulk operation on the filter', async () => {
    const stalled = await stage.strand(2, 'whole');
    const page = await stage.open('/console/people?step=stalled');
    const { stack } = stage.gateway;
    const count = await stack.onward.count({ step: 'stalled' });
    expect(count).toBeGreaterThanOrEqual(stalled.length);
    await waitUntil(async () => (await namesOn(page)).length === count, 'all of them are listed');
    await page.getByLabel('Select all that are shown').check();
    await page.getByRole('button', { name: `Act on all ${count} that match …` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('a dry run comes first').waitFor();
    await dialog.getByLabel('Reason').fill('all of them');
    await page.keyboard.press('Control+Enter');
    await page.waitForURL('**/console/operations/*');
    const toast = page.getByRole('status', { name: 'Results of actions' });
    await toast.getByText(`Started a dry run: Retry for ${count} journeys`).waitFor();
    expect((await stack.onward.operations.list(1)).items[0]).toMatchObject({
      dryRun: true,
      filter: { step: 'stalled' },
    });
  });

  it.each([1_440, 1_024, 390])('keeps rows dense and words whole, %d pixels wide', async (width) => {
    const { stack } = stage.gateway;
    const id = `${uniqueUserId('somebody-whose-id-is-very-long')}-${'x'.repeat(60)}`;
    await stack.onward.start(id, { accountType: 'business' });
    await waitForPosition(stack, id, 'emailPending.awaitingCode');
    await waitUntil(async () => (await stack.onward.count({ userId: id })) === 1, 'the long id is listed');
    const page = await stage.open('/console/people', { width });
    await waitUntil(async () => (await namesOn(page)).includes(id), 'the long id is shown');
    const measured = await page.evaluate<{ overflow: boolean; rows: number[]; cells: number[] }>(`({
      overflow: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      rows: [...document.querySelectorAll('.list tbody tr')].map((row) => row.getBoundingClientRect().height),
      cells: [...document.querySelectorAll('.list :is(th, td) > *')].map((cell) => cell.getBoundingClientRect().height),
    })`);
    expect(measured.overflow).toBe(false);
    // A line of text is 20 pixels high, a badge 22.
    expect(Math.max(...measured.cells)).toBeLessThan(30);
    expect(Math.max(...measured.rows)).toBeLessThan(width > 760 ? 40 : 130);
    expect(await barriersOn(page)).toEqual([]);
  });

  it('offers what the filter finds as CSV', async () => {
    const page = await stage.open('/console/people?step=paused');
    const link = page.getByRole('link', { name: 'Download as CSV' });
    const address = await link.getAttribute('href');
    expect(address).toBe('/v1/journeys.csv?step=paused');
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toBe('journeys.csv');
    expect(stage.pageErrors).toEqual([]);
  });
});
