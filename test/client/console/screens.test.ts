import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bearers } from '../../support/gateway.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { TestReceiver } from '../../support/receiver.ts';
import { waitUntil, waitForPosition, uniqueUserId } from '../../support/stack.ts';
import { act, barriersOn, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

let stage: Stage;
let receiver: TestReceiver;
const inChromium = hasChromium ? describe : describe.skip;

inChromium('the console, in Chromium', () => {
  beforeAll(async () => {
    receiver = await startReceiver();
    const secret = `whsec_${Buffer.from('a secret of status changes').toString('base64')}`;
    stage = await openStage({ worker: { receiver: { url: receiver.url, secret } }, onward: { notifyReceiver: true } });
  });
  afterEach(() => stage?.closePages());
  afterAll(async () => {
    await stage?.close();
    await receiver?.close();
  });

  it('explains every screen that is still empty', async () => {
    const page = await stage.open('/console/');
    await page.getByText('No user has signed up yet.').waitFor();
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByText('No user has signed up yet.').waitFor();
    await page.getByRole('link', { name: 'Operations' }).click();
    for (const name of ['Bulk operations', 'Reconciliations']) {
      await page.getByRole('region', { name }).getByText('None yet.').waitFor();
    }
    await page.getByText('All webhooks were delivered.').waitFor();
    expect(await page.getByRole('row').count()).toBe(0);
  });

  it('Overview: shows the way of a journey with live counts, and links each state to its users', async () => {
    const { stack } = stage.gateway;
    const page = await stage.open('/console/');
    await page.locator('[data-box="emailPending"]').getByText('0', { exact: true }).waitFor();
    const stalled = await stage.strand(2, 'now');
    const waiting = uniqueUserId('waiting');
    await stack.onward.start(waiting, { accountType: 'business' });
    await waitForPosition(stack, waiting, 'emailPending.awaitingCode');
    const state = page.locator('[data-box="emailPending"]');
    await state.getByText('3', { exact: true }).waitFor();
    await state.getByText(/oldest .* · 67 % stalled/).waitFor();
    await page.locator('[data-box="emailPending.stalled"].warn').getByText('2', { exact: true }).waitFor();
    const attention = page.getByRole('region', { name: 'Attention' });
    await attention.getByText(/2 journeys stalled because the provider gave no usable reply/).waitFor();
    await attention.getByRole('link', { name: 'Show people' }).waitFor();
    const provider = page.getByRole('region', { name: 'Provider' });
    await provider.getByText('Server error (5xx)').waitFor();
    await provider.getByText('Accepted').waitFor();
    await provider.getByText(/of 840 allowed/).waitFor();
    expect(
      await page.getByRole('region', { name: 'Workers polling' }).getByText('polling', { exact: true }).count(),
    ).toBe(3);

    await page.getByRole('link', { name: 'Full chart' }).click();
    await page.waitForURL('**/console/machine');
    await page.locator('[data-box="emailPending.stalled"].warn').getByText('2', { exact: true }).waitFor();
    await page.goBack();
    await page.locator('[data-box="emailPending.stalled"]').click();
    await page.waitForURL('**/console/people?state=emailPending&step=stalled');
    await page.getByText('2 people').waitFor();
    expect((await page.locator('table.people tbody th a').allInnerTexts()).toSorted()).toEqual(stalled.toSorted());
  });

  it('Overview: shows sign-ups and the provider’s replies over time, with a table behind each chart', async () => {
    const page = await stage.open('/console/');
    const onboarding = page.getByRole('region', { name: 'Onboarding' });
    await waitUntil(
      async () => /Signed up\s+2/.test(await onboarding.getByRole('table').first().innerText()),
      'the sign-ups of individuals are counted',
    );
    await onboarding.getByText('Show as a table').click();
    expect(await onboarding.getByRole('rowheader', { name: /^[A-Z][a-z]{2} \d\d:00$/ }).count()).toBe(24);
    const provider = page.getByRole('region', { name: 'Provider' });
    await provider.getByText(/Last 24 hours: .* requests, .* answered/).waitFor();
    await page.getByRole('button', { name: 'Last 30 days' }).click();
    await page.getByText('sign-ups of the last 30 days').waitFor();
    await waitUntil(
      async () => (await onboarding.getByRole('rowheader', { name: /^\d{4}-\d\d-\d\d$/ }).count()) === 30,
      'the table has days',
    );
  });

  it('Overview: fills the column beside the provider', async () => {
    const page = await stage.open('/console/', { width: 1_440 });
    await page.getByRole('region', { name: 'Onboarding' }).getByText('Show as a table').waitFor();
    await page.getByRole('region', { name: 'Provider' }).getByText('Show as a table').first().waitFor();
    const blank = await page.evaluate<number>(`(() => {
      const card = document.querySelector('[aria-label=Onboarding]').getBoundingClientRect();
      const last = document.querySelector('[aria-label=Onboarding] > :last-child').getBoundingClientRect();
      return card.bottom - last.bottom;
    })()`);
    expect(blank).toBeLessThan(150);
    const order = await page.locator('.beside-provider h2').allInnerTexts();
    expect(order.slice(0, 4)).toEqual(['Onboarding', 'Provider', 'Recovery', 'Workers']);
  });

  it('Overview: pauses, resumes and triggers recovery', async () => {
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
    await card.getByText(/Next run/).waitFor();
    await act(page, 'Check now …', 'sFOX says it is back');
    await card.getByText(/2 done, 0 offered at their next visit, 0 without a reply, 0 left/).waitFor();
    await waitUntil(async () => (await stack.onward.count({ step: 'stalled' })) === 0, 'no journey is stalled');
  });

  it('Operations: starts with a dry run, is carried out at a limited rate, and can be stopped', async () => {
    const { stack } = stage.gateway;
    const users = await stage.strand(8, 'bulk');
    const page = await stage.open('/console/people?state=emailPending&step=stalled&accountType=individual');
    const stalledCount = await stack.onward.count({ step: 'stalled' });
    await page.getByRole('button', { name: `Act on all ${stalledCount} that match …` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/Journeys per second/).fill('0.5');
    await dialog.getByLabel('Reason').fill('sFOX was away');
    await dialog.getByRole('button', { name: 'Dry run first' }).click();
    await page.getByRole('heading', { name: 'Retry (dry run)' }).waitFor();
    await page.getByText(`${stalledCount} Sends a code`).waitFor();
    const named = page.locator('table.people tbody th a');
    await waitUntil(async () => (await named.count()) === stalledCount, 'all of them are named');
    expect((await named.allInnerTexts()).filter((id) => users.includes(id))).toHaveLength(8);
    for (const id of users) expect(await stack.onward.count({ userId: id, step: 'stalled' })).toBe(1);

    const effect = await act(page, 'Carry it out …', 'sFOX is back');
    expect(effect).toContain(`${stalledCount} journeys match now`);
    await page.getByText('Running').first().waitFor();
    await waitUntil(
      async () => (await stack.onward.count({ step: 'stalled' })) < stalledCount,
      'the first are retried',
    );
    await act(page, 'Stop …', 'enough of it');
    await page.locator('.head').getByText('Stopped', { exact: true }).waitFor();
    await page.getByText('Stopped by operator-name').waitFor();
    expect(await stack.onward.count({ step: 'stalled' })).toBeGreaterThan(0);
    await page.getByRole('link', { name: 'Operations' }).click();
    await page.getByRole('link', { name: 'Retry (dry run)' }).waitFor();
    await page.getByRole('row', { name: /Retry .*Stopped/ }).waitFor();
  });

  it('Operations: resends an undelivered webhook', async () => {
    const { stack } = stage.gateway;
    receiver.answer(500);
    const id = uniqueUserId('undelivered');
    await stack.onward.start(id, { accountType: 'business' });
    const page = await stage.open('/console/operations');
    const row = page.getByRole('row', { name: new RegExp(id) }).first();
    await row.waitFor();
    for (const width of [390, 1_024, 1_440]) {
      await page.setViewportSize({ width, height: 860 });
      // No word is broken: a badge is one line, and an id as well.
      const heights = await page.evaluate<number[]>(
        `[...document.querySelectorAll('.people :is(.badge, th a, time, button)')].map((part) => part.offsetHeight)`,
      );
      expect({ width, tallest: Math.max(...heights) <= 40 }).toEqual({ width, tallest: true });
    }
    receiver.answer(204);
    const before = receiver.received.length;
    await row.getByRole('button', { name: 'Send again' }).click();
    const again = await waitUntil(
      () => receiver.received.slice(before).find(({ body }) => body.includes(id)),
      'the webhook is delivered again',
    );
    expect(JSON.parse(again.body)).toMatchObject({ type: 'onboarding.status.changed', data: { userId: id } });
  });

  it('Operations: says that more webhooks are undelivered than it lists, and shows them', async () => {
    const { stack } = stage.gateway;
    receiver.answer(500);
    const users = Array.from({ length: 30 }, (_, nth) => uniqueUserId(`many${nth}`));
    await Promise.all(users.map((id) => stack.onward.start(id, { accountType: 'business' })));
    for (const id of users) await waitForPosition(stack, id, 'emailPending.awaitingCode');
    const page = await stage.open('/console/operations');
    const card = page.getByRole('region', { name: 'Undelivered webhooks' });
    await card.getByText('Only the newest 50 are listed.').waitFor();
    await card.getByRole('button', { name: 'Show more' }).click();
    const listed = async () =>
      (await card.getByText('Only the newest').count()) === 0 && card.locator('tbody tr').count();
    expect(await waitUntil(listed, 'all are listed')).toBeGreaterThan(50);
    receiver.answer(204);
  });

  it('shows a viewer no actions', async () => {
    for (const address of ['/console/', '/console/people?step=stalled', '/console/operations']) {
      const page = await stage.open(address, { as: 'viewer' });
      await page.getByText('Live', { exact: true }).waitFor();
      await page.locator('main :is(table, .card)').first().waitFor();
      expect(await page.getByRole('button', { name: / …$/ }).count()).toBe(0);
      expect(await page.getByRole('checkbox').count()).toBe(0);
    }
  });

  it.each([
    ['light', 1_280],
    ['dark', 1_280],
    ['dark', 390],
  ] as const)('has no serious accessibility violations in the theme %s, %d pixels wide', async (colorScheme, width) => {
    const [some] = (await stage.gateway.stack.onward.list({ step: 'stalled' }, 1)).items;
    const [operation] = (await stage.gateway.stack.onward.operations.list(1)).items;
    const addresses = [
      '/console/',
      '/console/machine',
      '/console/people?step=stalled',
      `/console/people/${some?.userId}`,
      '/console/operations',
      `/console/operations/${operation?.id}`,
    ];
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
  });

  it('shows a page of its own for an unknown path', async () => {
    const page = await stage.open('/console/');
    const reply = await page.goto(`${stage.gateway.url}/console/poeple`);
    expect(reply?.status()).toBe(404);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await page.getByText('/console/poeple').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole('link', { name: 'overview', exact: true }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(stage.pageErrors.splice(0).filter((error) => !error.includes('404'))).toEqual([]);
  });

  it('returns to the login form when the session ends, without page errors', async () => {
    const page = await stage.open('/console/operations');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Viewer or operator token').fill('no-token-of-ours-at-all');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('unknown token').waitFor();
    // A pasted token often has a space around it.
    await page.getByLabel('Viewer or operator token').fill(` ${bearers.viewer} `);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    expect(stage.pageErrors).toEqual([]);
  });
});
