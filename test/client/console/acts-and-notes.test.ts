import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LoginLinks } from '../../../client/gateway/sessions/login-links.ts';
import { bearers } from '../../support/gateway.ts';
import { uniqueUserId, waitForPosition } from '../../support/stack.ts';
import { barriersOn, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

const describeInChromium = hasChromium ? describe : describe.skip;

describeInChromium('acts, notes and the environment in the console, in Chromium', () => {
  let stage: Stage;
  const ada = uniqueUserId('ada');
  beforeAll(async () => {
    stage = await openStage(
      {},
      {
        environment: { name: 'staging-eu', colour: 'blue' },
        loginLinks: new LoginLinks(),
      },
    );
    await stage.gateway.stack.onward.start(ada, { accountType: 'individual' });
    await waitForPosition(stage.gateway.stack, ada, 'emailPending.awaitingCode');
  });
  afterAll(() => stage?.close());

  it('says at the login that a login link is not valid any more', async () => {
    const page = await stage.visit(`${stage.gateway.url}/console/login/used-before`);
    await page.getByRole('alert').getByText('This login link was used before').waitFor();
    await page.getByLabel('Viewer or operator token').fill(bearers.operator);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(page.url()).toBe(`${stage.gateway.url}/console/`);
  });

  it('names the environment on every screen', async () => {
    const page = await stage.open('/console/people');
    await page.getByLabel('Environment: staging-eu').waitFor();
    await page.goto(`${stage.gateway.url}/console/operations`);
    expect(await page.getByLabel('Environment: staging-eu').innerText()).toBe('staging-eu');
  });

  it('shows notes on a person to the other operators, until one is removed', async () => {
    const page = await stage.open(`/console/people/${ada}`);
    const card = page.getByRole('region', { name: 'Notes' });
    await card.getByLabel('New note').fill('Called us: the number is right.');
    await card.getByRole('button', { name: 'Add note' }).click();
    await card.getByText('Called us: the number is right.').waitFor();
    const other = await stage.open(`/console/people/${ada}`, { as: 'viewer' });
    await other.getByRole('region', { name: 'Notes' }).getByText('Called us: the number is right.').waitFor();
    expect(await other.getByRole('button', { name: 'Add note' }).count()).toBe(0);
    await card.getByRole('button', { name: /^Remove the note/ }).click();
    await card.getByText('None.').waitFor();
  });

  it('lists what operators did, filters it, and links to the person', async () => {
    const by = 'operator-name';
    await stage.gateway.call('POST', `/v1/users/${ada}/onboarding/pause`, {
      as: 'operator',
      body: { reason: 'a suspicious sign-up' },
    });
    const page = await stage.open(`/console/activity?userId=${ada}`);
    await page.getByText('a suspicious sign-up').waitFor();
    await page.getByText('applied (202)').first().waitFor();
    expect(await page.getByText(by).first().isVisible()).toBe(true);
    await page.getByLabel('Operator').fill('another-operator');
    // Every change of the dashboard renders the screen again. The typed text must stay.
    await page.evaluate("dispatchEvent(new Event('popstate'))");
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
    expect(await page.getByLabel('Operator').inputValue()).toBe('another-operator');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/by=another-operator/);
    await page.getByText('No act matches.').waitFor();
    await page.goBack();
    await page.getByRole('link', { name: ada }).first().click();
    await page.waitForURL(`**/console/people/${ada}`);
  });

  it.each([390, 1_280])('has no barriers and does not overflow, %d pixels wide', async (width) => {
    const page = await stage.open('/console/activity', { width });
    await page.getByText('a suspicious sign-up').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    const overflows = await page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    );
    expect(overflows).toBe(false);
    expect(stage.pageErrors).toEqual([]);
  });
});
