import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { oidcSettings } from '../../../client/config/oidc-settings.ts';
import { oidcEnvironment, startForwarder, startOidcProvider } from '../../support/oidc-provider.ts';
import type { Forwarder, TestProvider } from '../../support/oidc-provider.ts';
import { barriersOn, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

let front: Forwarder;
let provider: TestProvider;
let stage: Stage;
const inChromium = hasChromium ? describe : describe.skip;

inChromium('A login by OpenID Connect, in Chromium', () => {
  beforeAll(async () => {
    front = await startForwarder();
    // The provider is at `localhost`, which is another site than `127.0.0.1`: cookies are sent as between real sites.
    provider = await startOidcProvider(`${front.url}/console/oidc/callback`);
    stage = await openStage(
      { withoutWorker: true },
      { oidc: oidcSettings(oidcEnvironment(front.url, provider.issuer)) },
    );
    front.forwardTo(stage.gateway.url);
  });
  afterAll(async () => {
    await stage?.close();
    await provider?.close();
    await front?.close();
  });

  it.each(['light', 'dark'] as const)(
    'leads from the page to the provider and back, in %s colours',
    async (colorScheme) => {
      const page = await stage.visit(`${front.url}/console/people?state=done`, { colorScheme });
      const button = page.getByRole('button', { name: 'Sign in with Example SSO' });
      await button.waitFor();
      expect(await barriersOn(page)).toEqual([]);
      await button.click();
      await page.getByLabel('Name').fill('ada');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.locator('.who').getByText('ada').waitFor();
      expect(page.url()).toBe(`${front.url}/console/people?state=done`);
      expect(await page.locator('.who').innerText()).toMatch(/ada\s+operator/i);
      const cookies = await page.context().cookies(front.url);
      expect(cookies.filter(({ name }) => name.startsWith('onward_'))).toMatchObject([
        { name: 'onward_session', httpOnly: true, sameSite: 'Strict' },
      ]);
      await page.getByRole('button', { name: 'Log out' }).click();
      await button.waitFor();
      expect(stage.pageErrors).toEqual([]);
    },
  );

  it('shows a person without a role what is missing, without barriers', async () => {
    const page = await stage.visit(`${front.url}/console/`);
    await page.getByRole('button', { name: 'Sign in with Example SSO' }).click();
    await page.getByLabel('Name').fill('bare');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Login failed' }).waitFor();
    expect(await page.getByRole('alert').innerText()).toContain("has no claim 'groups'");
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole('link', { name: 'Back to the login page' }).click();
    await page.getByLabel('Viewer or operator token').waitFor();
  });
});
