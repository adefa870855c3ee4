import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { guessWrong, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { barriersOn, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

let stage: Stage;
const inChromium = hasChromium ? describe : describe.skip;

const policy = {
  cooldowns: ['0 s'],
  retrySendFor: '0 s',
  unknownUserFor: '0 s',
  guesses: { perCode: 1, perChannel: 1 },
};

inChromium('What if?, in Chromium', () => {
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage?.close();
  });

  it('compares all journeys with another policy, and shows both side by side with a bar for each difference', async () => {
    const { stack } = stage.gateway;
    const id = uniqueUserId('guesses');
    await stack.onward.start(id, { accountType: 'individual' });
    await waitForPosition(stack, id, 'emailPending.awaitingCode');
    await guessWrong(stack, id);
    await waitUntil(async () => (await stack.onward.count({})) === 1, 'the journey is listed');

    const page = await stage.open('/console/what-ifs', { as: 'viewer' });
    await page.getByText('None yet.').waitFor();
    await page.getByLabel(/The other policy/).fill('{ "guesses": { "perChannel": 0 } }');
    await page.getByRole('button', { name: 'Compare all journeys' }).click();
    await page.getByRole('alert').getByText('guesses.perChannel').waitFor();
    await page.getByLabel(/The other policy/).fill(JSON.stringify(policy));
    await page.getByRole('button', { name: 'Compare all journeys' }).click();

    await page.getByText('1 of 1 compared').waitFor();
    const row = page.locator('.what-if-policies tr.differs').filter({ hasText: 'guesses.perChannel' });
    expect(await row.locator('td').allInnerTexts()).toEqual(['20', '1']);
    const locked = page.locator('.what-if-bars li').filter({ hasText: 'Locked sooner' });
    expect(await locked.locator('strong').innerText()).toBe('1');
    expect(await locked.locator('svg rect').last().getAttribute('width')).toBe('100');
    const person = page.getByRole('link', { name: id });
    expect(await person.getAttribute('href')).toBe(`/console/people/${id}`);
    await page.getByText('The same event would have led elsewhere').last().waitFor();
    expect(await page.locator('.what-if-policies').innerText()).toMatch(/reminderAfter\s+1 day\s/);
    expect(await barriersOn(page)).toEqual([]);
    expect(stage.pageErrors).toEqual([]);
    await page.setViewportSize({ width: 390, height: 860 });
    const overflows = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
    expect(await page.evaluate(overflows)).toBe(false);

    await page.getByRole('link', { name: 'What if?' }).click();
    await page.getByRole('region', { name: 'What-ifs' }).last().getByText('1 of 1').waitFor();
    expect(await barriersOn(page)).toEqual([]);
  });
});
