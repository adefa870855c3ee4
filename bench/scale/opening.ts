import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { startGateway, tokens } from '../stand/gateway.ts';

/** Milliseconds from the address to the figures, in a real browser. */
export interface Opening {
  /** *Now*, right after the gateway's start. */
  readonly first: number;
  /** *Now*, as whoever comes later opens it. */
  readonly now: number;
  /** *People*, by a filter. */
  readonly people: number;
}

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const LONGEST = 60_000;

/** Opens the console among all that is open on a server; `null` where there is no Chromium. */
export async function opening(address: string, taskQueue: string): Promise<Opening | null> {
  if (!existsSync(CHROMIUM)) return null;
  const gateway = await startGateway({ address, taskQueue });
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  try {
    const url = await gateway.process.ask<string>('url');
    const page = await browser.newPage();
    page.setDefaultTimeout(LONGEST);
    await page.goto(`${url}/console/operations`);
    await page.getByLabel('Token').fill(tokens.operator);
    const figures = '[data-box="emailPending"] .figure';
    // Logging in opens the stream of looks, so the first is timed from there.
    const first = await timed(async () => {
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('link', { name: 'Now' }).click();
      await page.locator(figures).waitFor();
    });
    const now = await timed(() => open(page, `${url}/console/`, figures));
    const people = await timed(() => open(page, `${url}/console/people?state=emailPending`, 'table.people tbody tr'));
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

async function timed(act: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}
