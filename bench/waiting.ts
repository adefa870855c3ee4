import { Agent, request } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { digestOf } from '../client/gateway/tokens.ts';
import { defaultSettings } from '../client/settings.ts';
import { temporalOf } from '../sandbox/settings.ts';
import { startStack } from '../sandbox/stack.ts';
import { bundlePath } from '../worker/bundle.ts';

/**
 * What a thousand waiting callers cost: `npm run bench:waiting`. Everything in one process on loopback, bounded in count and
 * time; it ends by itself.
 */

const CALLERS = Number(process.argv[2] ?? 1_000);
const WOKEN = 50;
const IDLE = 30_000;
const TOKEN = 'app-token-of-the-bench';
const OPERATOR = 'operator-token-of-the-bench';

Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const folder = await mkdtemp(join(tmpdir(), 'onward-bench-'));
const say = (text: string) => void process.stdout.write(`${text}\n`);
const stack = await startStack({
  folder,
  temporal: await temporalOf(process.env, resolve('.'), say),
  bundlePath,
  settings: { ...defaultSettings, rates: { sendsPerSecond: 200, checksPerSecond: 200 } },
  gateway: {
    host: '127.0.0.1',
    tokens: [
      { role: 'app', name: 'bench', digest: digestOf(TOKEN) },
      { role: 'operator', name: 'bench', digest: digestOf(OPERATOR) },
    ],
    webhookSecrets: [],
    rate: { calls: 1_000_000, within: 1_000 },
    trustProxy: false,
    codecOrigins: [],
    logLevel: 'silent',
  },
});
const agent = new Agent({ keepAlive: false, maxSockets: Infinity });

interface Answer {
  readonly revision: number;
  readonly step: string;
}

function call(method: string, path: string, token: string, body?: object): Promise<Answer> {
  return new Promise((done, fail) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    const asked = request(`${stack.gatewayAddress}${path}`, { method, headers, agent }, (reply) => {
      let text = '';
      reply.on('data', (chunk: Buffer) => (text += chunk.toString()));
      reply.on('end', () => done(JSON.parse(text) as Answer));
    });
    asked.on('error', fail).end(body && JSON.stringify(body));
  });
}

const path = (nth: number) => `/v1/users/waiting-${nth}/onboarding`;
const everybody = Array.from({ length: CALLERS }, (_, nth) => nth);

try {
  const revisions = new Map<number, number>();
  for (let from = 0; from < CALLERS; from += 20) {
    const some = everybody.slice(from, from + 20);
    await Promise.all(some.map((nth) => call('POST', path(nth), TOKEN, { accountType: 'individual' })));
  }
  for (const nth of everybody) {
    for (;;) {
      const { revision, step } = await call('GET', path(nth), TOKEN);
      revisions.set(nth, revision);
      if (step === 'awaitingCode') break;
      await pause(100);
    }
  }
  const before = process.memoryUsage().rss;
  const wait = (nth: number) => call('GET', `${path(nth)}?after=${revisions.get(nth)}&wait=60`, TOKEN);
  const waiting = everybody.map(wait);
  // Most are still waiting when it is over.
  for (const one of waiting) one.catch(() => {});
  while (stack.onward.watching.size < CALLERS) await pause(100);
  await pause(2_000);
  const cpu = process.cpuUsage();
  await pause(IDLE);
  const { user, system } = process.cpuUsage(cpu);
  const rss = process.memoryUsage().rss;
  const times: number[] = [];
  for (const nth of everybody.slice(0, WOKEN)) {
    const began = performance.now();
    const woken = waiting[nth]?.then(() => performance.now() - began);
    await call('POST', `${path(nth)}/pause`, OPERATOR, { reason: 'measured' });
    times.push((await woken) ?? Number.NaN);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.ceil(times.length * share) - 1] ?? Number.NaN).toFixed(0);
  say(
    `${CALLERS} waiting callers of as many users, one gateway and one worker in this process, ${cpus().length} cores`,
  );
  say(
    `idle: ${((user + system) / IDLE / 10).toFixed(1)} % of a core; memory ${((rss - before) / 1_048_576).toFixed(0)} MB more than before`,
  );
  say(
    `from the command to the answer of who waits, ${WOKEN} times: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`,
  );
} finally {
  agent.destroy();
  await stack.close();
  await rm(folder, { recursive: true, force: true });
}
