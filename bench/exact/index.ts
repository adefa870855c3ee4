import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from '../../client/temporal/connect.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { withCleanup } from '../harness/bench.ts';
import type { Run } from '../harness/bench.ts';
import { keys } from '../harness/keys.ts';
import { startServer } from '../harness/server.ts';
import { startWorker } from '../harness/worker.ts';
import { bundleTwin } from '../twin/bundle.ts';
import { twinSystem } from '../twin/systems.ts';
import { countScenario, countJourney } from './count.ts';
import type { Count, MeasuredSystem } from './count.ts';
import { scenarios } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';

interface ScenarioCounts {
  readonly name: string;
  readonly counts: readonly Count[];
}

export interface ExactFigures {
  readonly times: number;
  readonly stories: readonly ScenarioCounts[];
  readonly twin: ScenarioCounts;
  readonly bundleBytes: number;
}

/** The size without the source map, which contains absolute paths and so differs between machines. */
const sizeOf = (code: string) => Buffer.byteLength(code.slice(0, code.lastIndexOf('//# sourceMappingURL=')));

/** Longer than the measurement: workers report the provider's health by time, and these actions are not a cost of the journey. */
const HEALTH_REPORT_INTERVAL_MS = 3_600_000;

/** Counts what does not depend on the machine or the time. Runs each scenario three times to show that the counts are stable. */
export function measureExact({ quick, say, budget, saveFigures }: Run): Promise<ExactFigures> {
  const times = quick ? 1 : 3;
  const repeated = async (runOnce: () => Promise<Count>) => {
    const counts: Count[] = [];
    while (counts.length < times) counts.push(await runOnce());
    return counts;
  };
  return withCleanup(async (cleanup, folder) => {
    const server = await startServer({ inMemory: true });
    cleanup.add(() => server.stop());
    const sfox = await startSfox({ seed: 1 });
    cleanup.add(() => sfox.close());
    const { address } = server;
    const client = await connect({ connectionOptions: { address } }, keys);
    cleanup.add(() => client.connection.close());
    const stage = async (taskQueue: string, path: string): Promise<MeasuredSystem> => {
      const provider = { baseUrl: sfox.url, apiKey: sfox.apiKey };
      const workerOptions = {
        address,
        taskQueue,
        bundlePath: path,
        provider,
        healthReportInterval: HEALTH_REPORT_INTERVAL_MS,
      };
      const worker = await startWorker(workerOptions, true);
      cleanup.add(() => worker.end());
      return { server, client, sfox, worker, taskQueue };
    };

    const handWritten = await stage('twin', await bundleTwin(folder));
    const system = twinSystem(client, handWritten.taskQueue);
    const counts = await repeated(() => {
      const userId = randomUUID();
      return countJourney(handWritten, userId, async ({ waitUntilIdle }) => {
        await system.start(userId);
        for (const channel of ['email', 'sms'] as const) {
          await waitUntilIdle();
          const code = sfox.outbox(userId).findLast((mail) => mail.channel === channel)?.code ?? '';
          await system.submit(userId, channel, code);
        }
      });
    });
    const onward = await stage('onward', bundlePath);
    const counted: ScenarioCounts[] = [];
    const bundleBytes = sizeOf(await readFile(bundlePath, 'utf8'));
    const found = { times, stories: counted, twin: { name: 'twin', counts }, bundleBytes };
    const runScenario = async (scenario: Scenario): Promise<void> => {
      say(`  ${scenario.name}`);
      counted.push({ name: scenario.name, counts: await repeated(() => countScenario(onward, scenario)) });
      saveFigures(found);
    };
    await budget.each(scenarios, ({ name }) => name, runScenario);
    return found;
  });
}
