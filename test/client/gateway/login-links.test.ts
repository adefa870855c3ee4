import { expect, it } from '@jest/globals';
import { LoginLinks } from '../../../client/gateway/sessions/login-links.ts';
import { digestOf } from '../../../client/gateway/plugins/tokens.ts';
import { openGateway, startGateway } from '../../support/gateway.ts';

const operator = { role: 'operator', name: 'eve', digest: digestOf('a-token-of-the-test') } as const;
const codeIn = (path: string) => path.split('/').at(-1) ?? '';

it('counts once, and for an hour', () => {
  const links = new LoginLinks();
  const now = Date.now();
  const used = codeIn(links.create(operator, now));
  expect(links.redeem(used, now)).toBe(operator);
  expect(links.redeem(used, now)).toBeUndefined();
  expect(links.redeem(codeIn(links.create(operator, now)), now + 3_599_999)).toBe(operator);
  expect(links.redeem(codeIn(links.create(operator, now)), now + 3_600_000)).toBeUndefined();
  expect(links.redeem('another', now)).toBeUndefined();
});

it('leads to the login without a session if the code is not known, and does not exist at other gateways', async () => {
  const gateway = await startGateway({ withoutWorker: true });
  try {
    const missing = await fetch(`${gateway.url}/console/login/x`, { redirect: 'manual' });
    expect(missing.status).toBe(404);
    const withLinks = await openGateway(gateway.stack, { loginLinks: new LoginLinks() });
    const followed = await fetch(`${withLinks.url}/console/login/x`, { redirect: 'manual' });
    expect([followed.status, followed.headers.get('location'), followed.headers.get('set-cookie')]).toEqual([
      303,
      '/console/?login=invalid',
      null,
    ]);
    await withLinks.close();
  } finally {
    await gateway.close();
  }
});
