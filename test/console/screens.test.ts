import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startReceiver } from '../support/receiver.ts';
import type { TestReceiver } from '../support/receiver.ts';
import { eventually, untilAt, user } from '../support/stack.ts';
import { act, barriersOn, hasChromium, openStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
let receiver: TestReceiver;
const inChromium = hasChromium ? describe : describe.skip;

const namesOn = (page: Page) => page.locator('table.people tbody th a').allInnerTexts();

inChromium('the console, in Chromium', () => {
  beforeAll(async () => {
    receiver = await startReceiver();
    const secret = `whsec_${Buffer.from('a secret of status changes').toString('base64')}`;
    stage = await openStage({ worker: { receiver: { url: receiver.url, secret } }, onward: { tellsStatus: true } });
  });
  afterAll(async () => {
    await stage?.close();
    await receiver?.close();
  });

  it('teaches where nothing is there yet', async () => {
    const page = await stage.open('/console/');
    await page.getByText('Nobody has signed up yet.').waitFor();
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByText('Nobody has signed up yet.').waitFor();
    await page.getByRole('link', { name: 'Operations' }).click();
    await page.getByText('None yet.').waitFor();
    await page.getByText('Every change of status was delivered.').waitFor();
    expect(await page.getByRole('row').count()).toBe(0);
  });

  it('Now: draws the machine with live counts, ages and shares, and leads from a state to who stands there', async () => {
    const { stack } = stage.gateway;
    const page = await stage.open('/console/');
    await page.locator('[data-box="emailPending"]').getByText('0', { exact: true }).waitFor();
    const stalled = await stage.strand(2, 'now');
    const waiting = user('waiting');
    await stack.onward.start(waiting, { accountType: 'business' });
    await untilAt(stack, waiting, 'emailPending.awaitingCode');
    const state = page.locator('[data-box="emailPending"]');
    await state.getByText('3', { exact: true }).waitFor();
    await state.getByText(/oldest .* · 67 % stalled/).waitFor();
    await page.locator('[data-box="emailPending.stalled"].warn').getByText('2', { exact: true }).waitFor();
    await page.getByText('the provider is away: 2 journeys stalled').waitFor();
    const provider = page.getByRole('region', { name: 'Provider' });
    await provider.getByText('Fault (5xx)').waitFor();
    await provider.getByText('Accepted').waitFor();
    await provider.getByText(/of 840 that the limit allows/).waitFor();
    expect(
      await page.getByRole('region', { name: 'Workers polling' }).getByText('polling', { exact: true }).count(),
    ).toBe(3);

    await page.locator('[data-box="emailPending.stalled"]').click();
    await page.waitForURL('**/console/people?state=emailPending&step=stalled');
    await page.getByText('2 people').waitFor();
    expect((await namesOn(page)).toSorted()).toEqual(stalled.toSorted());
  });

  it('Now: pauses recovery, has it look, and lets it go on', async () => {
    const { stack } = stage.gateway;
    const page = await stage.open('/console/');
    const card = page.getByRole('region', { name: 'Recovery' });
    expect(await act(page, 'Pause …', 'sFOX asked for calm')).toContain('No more runs are started');
    await card.getByText('paused by operator-name').waitFor();
    expect(await stack.onward.recovery.status()).toMatchObject({
      state: 'paused',
      acts: { paused: { reason: 'sFOX asked for calm' } },
    });
    await act(page, 'Resume …', 'calm is over');
    await card.getByText(/Next look in/).waitFor();
    await act(page, 'Look now …', 'sFOX says it is back');
    await card.getByText(/2 judged, 0 not judged, 0 left/).waitFor();
    await eventually(async () => (await stack.onward.count({ step: 'stalled' })) === 0, 'nobody is stalled any more');
  });

  it('People: filters by chips and id, keeps the filter in the address, and goes by keys', async () => {
    const stalled = await stage.strand(3, 'keys');
    const page = await stage.open('/console/people');
    await page.getByRole('button', { name: 'Stalled' }).click();
    await page.getByText('3 people').waitFor();
    await page.getByRole('button', { name: 'Provider unavailable' }).click();
    await page.waitForURL('**/console/people?step=stalled&reason=providerUnavailable');
    await page.reload();
    await eventually(async () => (await namesOn(page)).length === 3, 'the filter has survived');
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
    await eventually(async () => (await namesOn(page)).length === 3, 'the list is back');
    await page.keyboard.press('/');
    await page.keyboard.type(names[2] ?? '');
    await page.keyboard.press('Enter');
    await eventually(async () => (await namesOn(page)).join() === names[2], 'the one is found');

    await page.getByRole('link', { name: 'Clear all' }).click();
    await page.getByRole('button', { name: '1 day' }).click();
    await page.getByText('Nobody matches.').waitFor();
  });

  it('People: acts on those who are selected, and says what would come of it by name', async () => {
    const { stack } = stage.gateway;
    const page = await stage.open('/console/people?step=stalled');
    await eventually(async () => (await namesOn(page)).length === 3, 'all of them are listed');
    const [first = '', second = ''] = await namesOn(page);
    await page.getByLabel(`Select ${first}`).check();
    await page.getByLabel(`Select ${second}`).check();
    await page.getByRole('button', { name: 'Act on 2 selected …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await eventually(async () => (await dialog.getByText('Carried out, no code').count()) === 2, 'both are forecast');
    await dialog.getByLabel('Reason').fill('looked into');
    await dialog.getByRole('button', { name: 'Pause 2' }).click();
    await dialog.waitFor({ state: 'detached' });
    for (const id of [first, second]) await untilAt(stack, id, 'emailPending.paused');
    expect(await stack.onward.count({ step: 'paused' })).toBe(2);
  });

  it('Operations: runs dry first, by name, is carried out at a pace, and stopped', async () => {
    const { stack } = stage.gateway;
    const users = await stage.strand(8, 'bulk');
    const page = await stage.open('/console/people?state=emailPending&step=stalled&accountType=individual');
    const everybody = await stack.onward.count({ step: 'stalled' });
    await page.getByRole('button', { name: `Act on all ${everybody} that match …` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/Journeys a second/).fill('0.5');
    await dialog.getByLabel('Reason').fill('sFOX was away');
    await dialog.getByRole('button', { name: 'Dry run first' }).click();
    await page.getByRole('heading', { name: 'Retry (dry run)' }).waitFor();
    await page.getByText(`${everybody} Asks for a code`).waitFor();
    const named = page.locator('table.people tbody th a');
    await eventually(async () => (await named.count()) === everybody, 'all of them are named');
    expect((await named.allInnerTexts()).filter((id) => users.includes(id))).toHaveLength(8);
    for (const id of users) expect(await stack.onward.count({ userId: id, step: 'stalled' })).toBe(1);

    const effect = await act(page, 'Carry it out …', 'sFOX is back');
    expect(effect).toContain(`${everybody} journeys match now`);
    await page.getByText('Running').first().waitFor();
    await eventually(
      async () => (await stack.onward.count({ step: 'stalled' })) < everybody,
      'the first have been told',
    );
    await act(page, 'Stop …', 'enough of it');
    await page.locator('.head').getByText('Stopped', { exact: true }).waitFor();
    await page.getByText('Stopped by operator-name').waitFor();
    expect(await stack.onward.count({ step: 'stalled' })).toBeGreaterThan(0);
    await page.getByRole('link', { name: 'Operations' }).click();
    await page.getByRole('link', { name: 'Retry (dry run)' }).waitFor();
    await page.getByRole('row', { name: /Retry .*Stopped/ }).waitFor();
  });

  it('Operations: sends an undelivered change of status again', async () => {
    const { stack } = stage.gateway;
    receiver.answer(500);
    const id = user('untold');
    await stack.onward.start(id, { accountType: 'business' });
    const page = await stage.open('/console/operations');
    const row = page.getByRole('row', { name: new RegExp(id) }).first();
    await row.waitFor();
    receiver.answer(204);
    const before = receiver.received.length;
    await row.getByRole('button', { name: 'Send again' }).click();
    const again = await eventually(
      () => receiver.received.slice(before).find(({ body }) => body.includes(id)),
      'it is told again',
    );
    expect(JSON.parse(again.body)).toMatchObject({ type: 'onboarding.status.changed', data: { userId: id } });
  });

  it('shows a viewer no act', async () => {
    for (const address of ['/console/', '/console/people?step=stalled', '/console/operations']) {
      const page = await stage.open(address, { as: 'viewer' });
      await page.getByText('Live', { exact: true }).waitFor();
      await page.locator('main :is(table, .card)').first().waitFor();
      expect(await page.getByRole('button', { name: / …$/ }).count()).toBe(0);
      expect(await page.getByRole('checkbox').count()).toBe(0);
    }
  });

  it('is open to everybody: axe finds nothing serious, in both themes, on a desk and on a phone', async () => {
    const [some] = (await stage.gateway.stack.onward.list({ step: 'stalled' }, 1)).items;
    const [operation] = (await stage.gateway.stack.onward.operations.list(1)).items;
    const addresses = [
      '/console/',
      '/console/people?step=stalled',
      `/console/people/${some?.userId}`,
      '/console/operations',
      `/console/operations/${operation?.id}`,
    ];
    for (const [colorScheme, width] of [
      ['light', 1_280],
      ['dark', 1_280],
      ['dark', 390],
    ] as const) {
      const page = await stage.open('/console/', { colorScheme, width });
      for (const address of addresses) {
        await page.goto(`${stage.gateway.url}${address}`);
        await page.locator('main :is(h1, table)').first().waitFor();
        await page.locator('.connection.live').waitFor();
        expect({ address, colorScheme, barriers: await barriersOn(page) }).toEqual({
          address,
          colorScheme,
          barriers: [],
        });
        const overflows = await page.evaluate(
          'document.documentElement.scrollWidth > document.documentElement.clientWidth',
        );
        expect({ address, width, overflows }).toEqual({ address, width, overflows: false });
      }
    }
  });

  it('says that it is over when the session is, and complains of nothing', async () => {
    const page = await stage.open('/console/operations');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Token of a viewer or an operator').fill('no-token-of-ours-at-all');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('no such token is known here').waitFor();
    expect(stage.complaints).toEqual([]);
  });
});
