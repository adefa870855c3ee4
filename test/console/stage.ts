import { existsSync } from 'node:fs';
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { setup } from '../../client/setup.ts';
import type { GatewayOptions } from '../../client/gateway/app.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { bearers, startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { SELDOM } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { eventually, patientPolicy, untilAt, user } from '../support/stack.ts';
import type { StackOptions } from '../support/stack.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = [process.env['CHROMIUM'] ?? '', ...places].find((path) => existsSync(path));

/** Whether there is a browser to test in. Where CI is to have installed one, a test without it fails. */
export const hasChromium = executablePath !== undefined || process.env['CI'] === 'true';

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Visit {
  readonly as?: 'viewer' | 'operator';
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
}

/** The running stack, and a real browser before it. */
export interface Stage {
  readonly gateway: Gateway;
  /** What the pages have complained of. */
  readonly complaints: string[];
  /** A page of somebody who has logged in, at an address of the console. */
  open(address: string, visit?: Visit): Promise<Page>;
  /** Starts journeys while the provider is away, and waits until all are listed as stalled. */
  strand(count: number, name: string): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Operations, recovery and counts are the whole namespace's: a stage has a server of its own.
 *
 * @param recoverEvery milliseconds; without it recovery runs only when it is triggered
 */
export async function openStage(
  options: StackOptions = {},
  more: Partial<GatewayOptions> = {},
  recoverEvery = SELDOM,
): Promise<Stage> {
  const server: TemporalServer = await startOwnServer();
  const gateway = await startGateway(
    { policy: patientPolicy, ...options, worker: { pulseEvery: 500, ...options.worker }, address: server.address },
    more,
  );
  const { stack } = gateway;
  await setup(stack.client, {
    callTimeout: 1_500,
    taskQueue: stack.taskQueue,
    recovery: { every: recoverEvery, perSecond: 5, upToPerSecond: 20 },
  });
  const browser: Browser = await chromium.launch({ executablePath: executablePath ?? 'chromium', args: quiet });
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];

  const open: Stage['open'] = async (address, { as = 'operator', colorScheme = 'light', width = 1_280 } = {}) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 860 } });
    contexts.push(context);
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: gateway.url });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      const { url } = message.location();
      // What a door refuses, the page itself tells in words.
      const isDoor = /\/v1\/|\/console\/session$/.test(url);
      if (message.type() === 'error' && !isDoor) complaints.push(`${message.text()} ${url}`);
    });
    await page.goto(`${gateway.url}${address}`);
    await page.getByLabel('Token of a viewer or an operator').fill(bearers[as]);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    return page;
  };

  const strand: Stage['strand'] = async (count, name) => {
    const users = Array.from({ length: count }, (_, nth) => user(`${name}${nth}`));
    stack.sfox.outage(true);
    try {
      await Promise.all(users.map((id) => stack.onward.start(id, { accountType: 'individual' })));
      for (const id of users) await untilAt(stack, id, 'emailPending.stalled');
      for (const userId of users) {
        const listed = () => stack.onward.count({ userId, step: 'stalled' });
        await eventually(async () => (await listed()) === 1, `${userId} is listed`);
      }
    } finally {
      stack.sfox.outage(false);
    }
    return users;
  };

  return {
    gateway,
    complaints,
    open,
    strand,
    close: async () => {
      await Promise.all(contexts.map((context) => context.close()));
      await browser.close();
      await gateway.close();
      await server.stop();
    },
  };
}

/** What axe finds of the serious kinds, in words. */
export async function barriersOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Does an act as a person does: presses its button, reads what it will do, says why, and presses again. Gives what it said. */
export async function act(page: Page, button: string, reason: string, confirm?: string): Promise<string> {
  await page.getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog');
  const effect = dialog.locator('[data-effect]');
  await eventually(
    async () => !/asking the journey|Counting once more|Asking what/.test(await effect.innerText()),
    'the effect is told',
  );
  const said = await effect.innerText();
  await dialog.getByLabel('Reason').fill(reason);
  if (confirm !== undefined) await dialog.getByLabel(/to confirm/).fill(confirm);
  await dialog.locator('footer button').last().click();
  await dialog.waitFor({ state: 'detached' });
  return said;
}
