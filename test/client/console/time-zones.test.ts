import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatInstant } from '../../../client/presentation/format-time.ts';
import { uniqueUserId, waitForPosition } from '../../support/stack.ts';
import { hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

const inChromium = hasChromium ? describe : describe.skip;
/** A second before the clocks of Europe change, and that second itself. */
const CHANGE = ['2026-10-25T00:59:59Z', '2026-10-25T01:00:00Z'];

inChromium('times in the console, in Chromium', () => {
  let stage: Stage;
  let id: string;
  let startedAt: string;
  beforeAll(async () => {
    stage = await openStage();
    id = uniqueUserId('zoned');
    await stage.gateway.stack.onward.start(id, { accountType: 'individual' });
    ({ startedAt } = await waitForPosition(stage.gateway.stack, id, 'emailPending.awaitingCode'));
  });
  afterAll(() => stage?.close());

  it.each([
    ['UTC', ['2026-10-25 00:59:59 UTC', '2026-10-25 01:00:00 UTC']],
    ['America/New_York', ['2026-10-24 20:59:59 UTC-04:00', '2026-10-24 21:00:00 UTC-04:00']],
    ['Europe/Berlin', ['2026-10-25 02:59:59 UTC+02:00', '2026-10-25 02:00:00 UTC+01:00']],
    ['Asia/Kathmandu', ['2026-10-25 06:44:59 UTC+05:45', '2026-10-25 06:45:00 UTC+05:45']],
    ['Pacific/Chatham', ['2026-10-25 14:44:59 UTC+13:45', '2026-10-25 14:45:00 UTC+13:45']],
  ])('are those of the browser, over a change of clocks: %s', async (timeZone, instants) => {
    const page = await stage.open(`/console/people/${id}`, { timeZone });
    const shown = formatInstant(startedAt, { timeZone });
    await page
      .locator(`text=${shown}`)
      .or(page.locator(`[title*="${shown}"]`))
      .first()
      .waitFor({ state: 'attached' });
    // The page's own module, in the browser's own zone.
    const seen = await page.evaluate(
      `import('#format-time').then(({ formatInstant }) => ${JSON.stringify(CHANGE)}.map((at) => formatInstant(at)))`,
    );
    expect(seen).toEqual(instants);
  });
});
