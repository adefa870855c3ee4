import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { operator, waitUntil } from '../../support/stack.ts';
import { hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

/** What an operator sees on a phone, a tablet and a desktop: nothing overflows, and no word is broken. */

let stage: Stage;
let screens: readonly string[];
const inChromium = hasChromium ? describe : describe.skip;

/** Returns what does not fit on the page: the page itself, a table, the header, or a word on two lines. */
const unfit = (page: Page) =>
  page.evaluate<string[]>(`(() => {
    const wider = (part) => part.scrollWidth > part.clientWidth;
    const found = wider(document.documentElement) ? [...document.querySelectorAll('body *')].filter((part) => part.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && part.closest('.scroll-region, svg') === null).map((part) => 'the page: ' + part.tagName + ' ' + part.className) : [];
    for (const region of document.querySelectorAll('.scroll-region')) {
      if (wider(region)) found.push('the region ' + region.getAttribute('aria-label'));
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    const linesOf = (node, start, end) => {
      range.setStart(node, start);
      range.setEnd(node, end);
      return new Set([...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => Math.round(top))).size;
    };
    while (texts.nextNode()) {
      const node = texts.currentNode;
      const isHeader = node.parentElement.closest('.top') !== null;
      if (node.parentElement.closest('svg, script, style, pre, .uplot') !== null) continue;
      if (isHeader && linesOf(node, 0, node.length) > 1) found.push('the header: ' + node.data);
      for (const { 0: word, index } of node.data.matchAll(/[^\\s/-]+/g)) {
        if (linesOf(node, index, index + word.length) > 1) found.push('the word ' + word);
      }
    }
    return found;
  })()`);

inChromium('the console on screens of different widths, in Chromium', () => {
  beforeAll(async () => {
    stage = await openStage({}, { environment: { name: 'staging', colour: 'yellow' } });
    const { onward } = stage.gateway.stack;
    const [userId = ''] = await stage.strand(3, 'fits');
    const order = {
      command: 'resume',
      filter: { step: 'stalled' },
      expected: 3,
      reason: 'a reason of some words',
    } as const;
    const ended = async (id: string) =>
      waitUntil(async () => (await onward.operations.get(id)).state === 'done', 'the operation is over');
    const { id: dryRunId } = await onward.operations.start({ ...order, dryRun: true }, operator);
    await ended(dryRunId);
    const { id } = await onward.operations.start({ ...order, dryRunId }, operator);
    await ended(id);
    const { id: reconciliation } = await onward.reconciliations.start({ dryRun: true, reason: 'a drill' }, operator);
    screens = [
      '/console/',
      '/console/people',
      `/console/people/${userId}`,
      '/console/operations',
      `/console/operations/${id}`,
      `/console/reconciliations/${reconciliation}`,
      '/console/what-ifs',
      '/console/activity',
      '/console/unknown',
    ];
  });
  afterEach(() => stage?.closePages());
  afterAll(async () => {
    await stage?.close();
  });

  it.each([390, 768, 1_024, 1_440])('fits into %d pixels, without a broken word, half a day later', async (width) => {
    const page = await stage.open('/console/', { width });
    await page.getByText('Nothing applied, 3 refused').waitFor();
    // The longest way to write an age.
    await page.clock.setFixedTime(Date.now() + (11 * 60 + 52) * 60_000);
    for (const address of screens) {
      await page.goto(`${stage.gateway.url}${address}`);
      await page.locator('main h1').waitFor();
      await page.locator('.connection.live').waitFor();
      expect({ address, width, unfit: await unfit(page) }).toEqual({ address, width, unfit: [] });
    }
  });
});
