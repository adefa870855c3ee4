import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { createClient } from '../../client/connect.ts';
import { startTelling } from '../../client/webhooks.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { createWorker } from '../../worker/create-worker.ts';
import type { Status } from '../../workflows/status.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { keys } from '../stand/keys.ts';
import { times } from '../stand/numbers.ts';
import type { Times } from '../stand/numbers.ts';
import { startServer } from '../stand/server.ts';

/** How long a lone change of status takes to its receiver, in milliseconds: by the worker's own hands, and over the task queue. */
export interface Telling {
  readonly eager: Times;
  readonly queued: Times;
}

const TASK_QUEUE = 'telling';
const BETWEEN = 20;

/** Tells one change after the other from a worker's process, in turn with and without an eager start. */
export function gainOfEagerTelling({ quick }: Run): Promise<Telling> {
  return onStage(async (undo) => {
    const receiver = await startReceiver();
    undo.add(() => receiver.close());
    const server = await startServer();
    undo.add(() => server.stop());
    const connection = await NativeConnection.connect({ address: server.address });
    undo.add(() => connection.close());
    const client = createClient(connection, 'default', keys);
    const worker = await createWorker({
      connection,
      namespace: 'default',
      encryptionKeys: keys,
      provider: { baseUrl: receiver.url, apiKey: 'not asked' },
      workflowBundle: { codePath: bundlePath },
      taskQueue: TASK_QUEUE,
      receiver: { url: receiver.url, secret: `whsec_${Buffer.from('a secret of the bench').toString('base64')}` },
    });
    const ended = worker.run();
    undo.add(async () => {
      worker.shutdown();
      await ended;
    });
    const tell = async (eagerly: boolean) => {
      const status = someStatus();
      const heard = receiver.hear(status.userId);
      const began = performance.now();
      await startTelling(client, status, { taskQueue: TASK_QUEUE, eagerly });
      const took = (await heard) - began;
      await pause(BETWEEN);
      return took;
    };
    const took = { eager: [] as number[], queued: [] as number[] };
    const rounds = quick ? 5 : 100;
    for (let nth = 0; nth < rounds; nth += 1) await tell(nth % 2 === 0);
    for (let nth = 0; nth < rounds; nth += 1) {
      took.eager.push(await tell(true));
      took.queued.push(await tell(false));
    }
    return { eager: times(took.eager), queued: times(took.queued) };
  });
}

const someStatus = (): Status => ({
  userId: randomUUID(),
  accountType: 'individual',
  state: 'emailPending',
  step: 'awaitingCode',
  revision: 1,
  live: true,
  startedAt: new Date().toISOString(),
  updatedAt: null,
  expiresAt: null,
  email: null,
  sms: null,
  stalled: null,
  allowed: {},
});

/** Takes every change, and says when it came. */
async function startReceiver() {
  const waiting = new Map<string, (at: number) => void>();
  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (part: Buffer) => body.push(part));
    request.on('end', () => {
      const { data } = JSON.parse(Buffer.concat(body).toString()) as { data: Status };
      waiting.get(data.userId)?.(performance.now());
      waiting.delete(data.userId);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hear: (userId: string) => new Promise<number>((done) => waiting.set(userId, done)),
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}
