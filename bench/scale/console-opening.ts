import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { startGateway, tokens } from '../harness/gateway.ts';

/** Milliseconds from the request of a page until its figures are shown, in Chromium. */
export interface ConsoleOpening {
  /** *Now*, right after the start of the gateway. */
  readonly first: number;
  /** *Now*, later. */
  readonly now: number;
  /** *People*, with a filter. */
  readonly people: number;
}

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const TIMEOUT_MS = 60_000;

/** Measures how long the console takes to open; `null` without Chromium. */
export async function measureConsoleOpening(address: string, taskQueue: string): Promise<ConsoleOpening | null> {
  if (!existsSync(CHROMIUM)) return null;
  const gateway = await startGateway({ address, taskQueue });
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  try {
    const url = await gateway.process.request<string>('url');
    const page = await browser.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
    await page.goto(`${url}/console/operations`);
    await page.getByLabel('Token').fill(tokens.operator);
    const figures = '[data-box="emailPending"] .figure';
    // Logging in opens the event stream of the dashboard, so the first measurement starts there.
    const first = await timeCall(async () => {
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('link', { name: 'Overview' }).click();
      await page.locator(figures).waitFor();
    });
    const now = await timeCall(() => open(page, `${url}/console/`, figures));
    const people = await timeCall(() =>
      open(page, `${url}/console/people?state=emailPending`, 'table.people tbody tr'),
    );
    return { first, now, people };
  } finally {
    await browser.close();
    await gateway.close();
  }
}

async function open(page: Page, address: string, shown: string): Promise<void> {
  await page.goto(address);
  await page.locator(shown).first().waitFor();
}

async function timeCall(act: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}
