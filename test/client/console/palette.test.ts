import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { timelineOf, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { bearers } from '../../support/gateway.ts';
import { barriersOn, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

let stage: Stage;
let id: string;
const inChromium = hasChromium ? describe : describe.skip;

const palette = (page: Page) => page.getByRole('dialog', { name: 'Command palette' });
const optionsOn = (page: Page) => palette(page).getByRole('option').allInnerTexts();

inChromium('the command palette, in Chromium', () => {
  beforeAll(async () => {
    stage = await openStage();
    const { stack } = stage.gateway;
    id = uniqueUserId('palette');
    await stack.onward.start(id, { accountType: 'individual' });
    await waitForPosition(stack, id, 'emailPending.awaitingCode');
    await waitUntil(async () => (await stack.onward.count({ userId: id })) === 1, 'the user is listed');
  });
  afterEach(() => stage?.closePages());
  afterAll(() => stage?.close());

  it('goes to a person by the beginning of the id, to screens and to filters', async () => {
    const page = await stage.open('/console/');
    await page.keyboard.press('Control+k');
    await page.keyboard.type(id.slice(0, 10));
    await palette(page).getByRole('option', { name: id }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/console/people/${id}`);

    await page.keyboard.press('Meta+k');
    await page.keyboard.type('stalled');
    await palette(page).getByRole('option', { name: 'People: Stalled' }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/console/people?step=stalled');

    await page.getByRole('button', { name: /Go to or run/ }).click();
    await page.keyboard.type('operations');
    await waitUntil(async () => (await optionsOn(page)).some((text) => text.startsWith('Operations')), 'it is offered');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/console/operations');
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    await palette(page).waitFor({ state: 'detached' });
  });

  it('runs an action with its preview: named, sent once by Ctrl+Enter, and reported with a link', async () => {
    const { stack } = stage.gateway;
    await waitUntil(async () => (await stack.onward.count({ userId: id })) === 1, 'the person is listed');
    const page = await stage.open('/console/');
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().includes('/onboarding/')) sent.push(request.url());
    });
    await page.keyboard.press('Control+k');
    await page.keyboard.type(`pause ${id}`);
    await palette(page)
      .getByRole('option', { name: `Pause ${id} …` })
      .click();
    const dialog = page.getByRole('dialog', { name: `Pause: ${id}` });
    await dialog.getByText(`Pauses the journey of ${id} and its expiry until an operator resumes it.`).waitFor();
    await dialog.getByText('Applied, no code').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await dialog.getByLabel('Reason').fill('from the palette');
    // Twice in one task, before the page can render.
    await page.evaluate(`(() => {
      const enter = () => new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true });
      const field = document.querySelector('dialog textarea');
      field.dispatchEvent(enter());
      field.dispatchEvent(enter());
    })()`);
    await dialog.waitFor({ state: 'detached' });
    await page.waitForURL(`**/console/people/${id}`);
    await waitForPosition(stack, id, 'emailPending.paused');
    expect(sent).toHaveLength(1);
    expect((await timelineOf(stack, id)).filter(({ reason }) => reason === 'from the palette')).toHaveLength(1);
    const toast = page.getByRole('status', { name: 'Results of actions' });
    await toast.getByText(`Paused ${id}`).waitFor();
    expect(await toast.getByRole('link', { name: 'Show' }).getAttribute('href')).toBe(`/console/people/${id}`);
    await toast.getByRole('button', { name: 'Dismiss' }).click();
    await toast.getByText(`Paused ${id}`).waitFor({ state: 'detached' });
  });

  it('names what is not possible for a person now, with the reason, and does not run it', async () => {
    const { stack } = stage.gateway;
    const open = uniqueUserId('open');
    await stack.onward.start(open, { accountType: 'individual' });
    await waitForPosition(stack, open, 'emailPending.awaitingCode');
    const page = await stage.open(`/console/people/${open}`);
    await page.keyboard.press('Control+k');
    const option = (name: string) => palette(page).getByRole('option', { name });
    await option(`Pause ${open} …`).waitFor();
    const offered = await optionsOn(page);
    const indexOf = (verb: string) => offered.findIndex((text) => text.startsWith(`${verb} ${open}`));
    expect(indexOf('Retry')).toBeGreaterThan(indexOf('Erase'));
    expect(offered[indexOf('Retry')]).toContain('only a stalled or locked journey can be retried');
    expect(offered[indexOf('Restart')]).toContain('only an expired or cancelled journey can be restarted');
    expect(offered.filter((text) => text.startsWith('Recovery: '))).toEqual([
      expect.stringContaining('check now'),
      expect.stringContaining('pause'),
    ]);
    expect(await option(`Pause ${open} …`).getAttribute('aria-disabled')).toBe('false');

    await page.keyboard.type(`resume ${open}`);
    await option(`Resume ${open} …`).waitFor();
    expect(await option(`Resume ${open} …`).getAttribute('aria-disabled')).toBe('true');
    expect(await barriersOn(page)).toEqual([]);
    const address = page.url();
    await page.keyboard.press('Enter');
    await option(`Resume ${open} …`).getByText('only a paused journey can be resumed').waitFor();
    expect(page.url()).toBe(address);
    await page.keyboard.press('Escape');
  });

  it('opens by a key that is pressed in the moment in which its button appears', async () => {
    const page = await stage.visit(`${stage.gateway.url}/console/`);
    await page.evaluate(`new MutationObserver((_, observer) => {
      if (document.querySelector('button.jump') === null) return;
      observer.disconnect();
      dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }));
    }).observe(document.body, { childList: true, subtree: true })`);
    await page.getByLabel('Viewer or operator token').fill(bearers.viewer);
    await page.getByRole('button', { name: 'Log in' }).click();
    await palette(page).waitFor();
    expect(await palette(page).isVisible()).toBe(true);
  });

  it('offers a viewer no actions', async () => {
    const page = await stage.open(`/console/people/${id}`, { as: 'viewer' });
    await page.keyboard.press('Control+k');
    await page.keyboard.type('pa');
    await palette(page).getByRole('option', { name: 'People: Paused' }).waitFor();
    expect((await optionsOn(page)).filter((text) => /…/.test(text))).toEqual([]);
    expect(stage.pageErrors).toEqual([]);
  });
});
