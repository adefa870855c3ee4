import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from '../../client/connect.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { keys } from '../stand/keys.ts';
import { startServer } from '../stand/server.ts';
import { startWorker } from '../stand/worker.ts';
import { bundleTwin } from '../twin/bundle.ts';
import { twin } from '../twin/systems.ts';
import { count, countOf } from './count.ts';
import type { Count, Stage } from './count.ts';
import { stories } from './stories.ts';
import type { Story } from './stories.ts';

interface Counted {
  readonly name: string;
  readonly counts: readonly Count[];
}

export interface Exact {
  readonly times: number;
  readonly stories: readonly Counted[];
  readonly twin: Counted;
  readonly bundleBytes: number;
}

/** Of the code alone: the map that is written behind it holds the paths of a checkout. */
const sizeOf = (code: string) => Buffer.byteLength(code.slice(0, code.lastIndexOf('//# sourceMappingURL=')));

/** The provider's health is told by workers, not by journeys: an action each five seconds at most, whatever happens in them. */
const NOT_NOW = 3_600_000;

/** Counts what no clock is needed for: it is the same on every machine. Each story is told three times, to see that it is. */
export function exact({ quick, say, budget, keep }: Run): Promise<Exact> {
  const times = quick ? 1 : 3;
  const repeated = async (tell: () => Promise<Count>) => {
    const counts: Count[] = [];
    while (counts.length < times) counts.push(await tell());
    return counts;
  };
  return onStage(async (undo, folder) => {
    const server = await startServer({ inMemory: true });
    undo.add(() => server.stop());
    const sfox = await startSfox({ seed: 1 });
    undo.add(() => sfox.close());
    const { address } = server;
    const client = await connect({ connectionOptions: { address } }, keys);
    undo.add(() => client.connection.close());
    const stage = async (taskQueue: string, path: string): Promise<Stage> => {
      const provider = { baseUrl: sfox.url, apiKey: sfox.apiKey };
      const given = { address, taskQueue, bundlePath: path, provider, pulseEvery: NOT_NOW };
      const worker = await startWorker(given, true);
      undo.add(() => worker.end());
      return { server, client, sfox, worker, taskQueue };
    };

    const theirs = await stage('twin', await bundleTwin(folder));
    const system = twin(client, theirs.taskQueue);
    const counts = await repeated(() => {
      const userId = randomUUID();
      return countOf(theirs, userId, async ({ rests }) => {
        await system.start(userId);
        for (const channel of ['email', 'sms'] as const) {
          await rests();
          const code = sfox.outbox(userId).findLast((mail) => mail.channel === channel)?.code ?? '';
          await system.submit(userId, channel, code);
        }
      });
    });
    const ours = await stage('onward', bundlePath);
    const told: Counted[] = [];
    const bundleBytes = sizeOf(await readFile(bundlePath, 'utf8'));
    const found = { times, stories: told, twin: { name: 'twin', counts }, bundleBytes };
    const tell = async (story: Story): Promise<void> => {
      say(`  ${story.name}`);
      told.push({ name: story.name, counts: await repeated(() => count(ours, story)) });
      keep(found);
    };
    await budget.each(stories, ({ name }) => name, tell);
    return found;
  });
}
