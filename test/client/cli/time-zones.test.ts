import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runCli } from './run-cli.ts';

/** A second before the clocks of Europe change, and that second itself: the first has a last send, the other a first. */
const [BEFORE, AFTER] = ['2026-10-25T00:59:59.000Z', '2026-10-25T01:00:00.000Z'];

const channel = (at: string) => ({
  status: 'pending',
  evidence: null,
  sends: 1,
  guessesLeft: 5,
  lastSend: { outcome: 'sent', at, to: 'a•••@e•••' },
});

let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        userId: 'ada',
        accountType: 'individual',
        state: 'smsPending',
        step: 'awaitingCode',
        live: true,
        stalled: null,
        offered: null,
        updatedAt: BEFORE,
        provider: null,
        email: channel(BEFORE),
        sms: channel(AFTER),
        allowed: {},
      }),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server?.close());

it.each([
  ['UTC', '2026-10-25 00:59:59 UTC', '2026-10-25 01:00:00 UTC'],
  ['America/New_York', '2026-10-24 20:59:59 UTC-04:00', '2026-10-24 21:00:00 UTC-04:00'],
  ['Europe/Berlin', '2026-10-25 02:59:59 UTC+02:00', '2026-10-25 02:00:00 UTC+01:00'],
  ['Asia/Kathmandu', '2026-10-25 06:44:59 UTC+05:45', '2026-10-25 06:45:00 UTC+05:45'],
  ['Pacific/Chatham', '2026-10-25 14:44:59 UTC+13:45', '2026-10-25 14:45:00 UTC+13:45'],
])('shows times in the zone of its process, over a change of clocks: TZ=%s', async (TZ, before, after) => {
  const { exit, out } = await runCli(['status', 'ada'], { ONWARD_URL: url, ONWARD_TOKEN: 'a-token-of-the-test', TZ });
  expect(exit).toBe(0);
  expect(out).toContain(`last sent to a•••@e••• at ${before} (`);
  expect(out).toContain(`last sent to a•••@e••• at ${after} (`);
});

it('prints UTC as JSON in every time zone', async () => {
  const env = { ONWARD_URL: url, ONWARD_TOKEN: 'a-token-of-the-test', TZ: 'America/New_York' };
  const { out } = await runCli(['status', 'ada', '--json'], env);
  expect(JSON.parse(out)).toMatchObject({ email: { lastSend: { at: BEFORE } }, sms: { lastSend: { at: AFTER } } });
});
