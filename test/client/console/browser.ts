import { existsSync } from 'node:fs';
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { setup } from '../../../client/temporal/setup.ts';
import type { GatewayOptions } from '../../../client/gateway/app.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { NEVER_BY_ITSELF } from '../../support/outage.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { waitUntil, quickPolicy, waitForPosition, uniqueUserId } from '../../support/stack.ts';
import type { StackOptions } from '../../support/stack.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = [process.env['CHROMIUM'] ?? '', ...places].find((path) => existsSync(path));

/** Whether Chromium is installed. CI installs it, so there a missing browser fails the test. */
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
  /** The zone of the browser; by default that of the machine. */
  readonly timeZone?: string;
}

/** A running stack and a real browser. */
export interface Stage {
  readonly gateway: Gateway;
  /** The errors that the pages reported. */
  readonly pageErrors: string[];
  /** Opens an address without logging in. */
  visit(url: string, visit?: Visit): Promise<Page>;
  /** Opens a URL of the console and logs in. */
  open(address: string, visit?: Visit): Promise<Page>;
  /** Starts journeys during a provider outage, and waits until all are listed as stalled. */
  strand(count: number, name: string): Promise<string[]>;
  /** Closes the pages of a test, which would otherwise update themselves until the end of the file. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a stage with its own Temporal server, since operations, recovery and counts span the namespace.
 *
 * @param recoverEvery milliseconds; without it recovery runs only when it is triggered
 */
export async function openStage(
  options: StackOptions = {},
  more: Partial<GatewayOptions> = {},
  recoverEvery = NEVER_BY_ITSELF,
): Promise<Stage> {
  const server: TemporalServer = await startOwnServer();
  const gateway = await startGateway(
    {
      policy: quickPolicy,
      ...options,
      worker: { healthReportInterval: 500, ...options.worker },
      address: server.address,
    },
    more,
  );
  const { stack } = gateway;
  await setup(stack.client, {
    callTimeout: 10_000,
    taskQueue: stack.taskQueue,
    recovery: { every: recoverEvery, perSecond: 5, upToPerSecond: 20 },
  });
  const browser: Browser = await chromium.launch({ executablePath: executablePath ?? 'chromium', args: quiet });
  const contexts: BrowserContext[] = [];
  const pageErrors: string[] = [];

  const visitPage: Stage['visit'] = async (url, { colorScheme = 'light', width = 1_280, timeZone } = {}) => {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 860 },
      ...(timeZone !== undefined && { timezoneId: timeZone }),
    });
    contexts.push(context);
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: gateway.url });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => pageErrors.push(String(error)));
    page.on('console', (message) => {
      const { url } = message.location();
      // The page shows the errors of the API itself.
      const isApiError = /\/v1\/|\/console\/session$/.test(url);
      if (message.type() === 'error' && !isApiError) pageErrors.push(`${message.text()} ${url}`);
    });
    await page.goto(url);
    return page;
  };

  const open: Stage['open'] = async (address, visit = {}) => {
    const { as = 'operator' } = visit;
    const page = await visitPage(`${gateway.url}${address}`, visit);
    await page.getByLabel('Viewer or operator token').fill(bearers[as]);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    return page;
  };

  const strand: Stage['strand'] = async (count, name) => {
    const users = Array.from({ length: count }, (_, nth) => uniqueUserId(`${name}${nth}`));
    stack.sfox.outage(true);
    try {
      await Promise.all(users.map((id) => stack.onward.start(id, { accountType: 'individual' })));
      for (const id of users) await waitForPosition(stack, id, 'emailPending.stalled');
      for (const userId of users) {
        const listed = () => stack.onward.count({ userId, step: 'stalled' });
        await waitUntil(async () => (await listed()) === 1, `${userId} is listed`);
      }
    } finally {
      stack.sfox.outage(false);
    }
    return users;
  };

  const closePages: Stage['closePages'] = async () => {
    const open = contexts.splice(0);
    // Requests that the end of a page interrupts are no errors of the page.
    for (const page of open.flatMap((context) => context.pages())) {
      page.removeAllListeners('pageerror');
      page.removeAllListeners('console');
    }
    await Promise.all(open.map((context) => context.close()));
  };

  return {
    gateway,
    pageErrors,
    visit: visitPage,
    open,
    strand,
    closePages,
    close: async () => {
      await closePages();
      await browser.close();
      await gateway.close();
      await server.stop();
    },
  };
}

/** Returns the serious and critical accessibility violations that axe finds. */
export async function barriersOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Performs an action through its dialog, and returns the effect that the dialog showed. */
export async function act(page: Page, button: string, reason: string, confirm?: string): Promise<string> {
  const dialog = page.getByRole('dialog');
  // An update of the page can move the button between press and release, which then does not count as a click: click again, as a person would.
  await waitUntil(async () => {
    await page.getByRole('button', { name: button, exact: true }).click();
    return dialog.waitFor({ timeout: 5_000 }).then(
      () => true,
      () => false,
    );
  }, `the dialog of '${button}' is open`);
  const effect = dialog.locator('[data-effect]');
  await waitUntil(
    async () => !/loading the preview|Counting again|Loading the previews/.test(await effect.innerText()),
    'the effect is shown',
  );
  const said = await effect.innerText();
  await dialog.getByLabel('Reason').fill(reason);
  if (confirm !== undefined) await dialog.getByLabel(/to confirm/).fill(confirm);
  await dialog.locator('footer button').last().click();
  await dialog.waitFor({ state: 'detached' });
  return said;
}
