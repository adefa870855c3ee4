import { startTraceCollector } from '../fleet/trace-collector.ts';
import { Fleet } from '../fleet/fleet.ts';
import { startProcess } from '../fleet/process.ts';
import type { DurableServer } from '../fleet/durable-server.ts';
import { RemoteSfox } from '../../../sandbox/sfox/remote.ts';
import { Cleanup } from '../../../sandbox/process/cleanup.ts';
import { computeFigures } from './figures.ts';
import type { Figures } from './figures.ts';
import { verifyOutcome } from './verify-outcome.ts';
import { verifyStatistics } from './verify-statistics.ts';
import { MAX_SENDS_PER_10_MINUTES, policy, runScenario } from './run-scenario.ts';
import type { ChaosOptions } from './run-scenario.ts';
import { createRecordingFetch } from './recording-fetch.ts';
import { searchSecrets } from './search-secrets.ts';
import { secretsOf } from './secrets.ts';

type ScenarioOptions = Omit<ChaosOptions, 'fleet' | 'crashServer'>;

export interface TrialOptions extends ScenarioOptions {
  /** The caller removes it. */
  readonly folder: string;
  /** The caller stops it. */
  readonly server: DurableServer;
  /** How long a killed Temporal server stays down. */
  readonly serverDowntimeMs: number;
}

export interface TrialResult {
  readonly figures: Figures;
  /** Every expectation that was not met, as a sentence. */
  readonly violations: readonly string[];
  /** Every secret found in a database, log, metric, trace or error. */
  readonly leaks: readonly string[];
}

/** Longer than the provider's real codes, so that a code does not occur in a file by chance. */
const CODE_DIGITS = 10;

/** Runs the chaos scenario on a server, with each service in its own process, and verifies the outcome. */
export async function runTrial({ folder, server, serverDowntimeMs, ...scenario }: TrialOptions): Promise<TrialResult> {
  const cleanup = new Cleanup();
  try {
    const { seed } = scenario;
    const collector = await startTraceCollector();
    cleanup.add(() => collector.close());
    const apiKey = `chaos_${seed}_key_of_the_enterprise`;
    const args = ['--seed', String(seed), '--code-digits', String(CODE_DIGITS)];
    const provider = await startProcess('sfox', { ENTERPRISE_API_KEY: apiKey }, args);
    cleanup.add(() => provider.stop());
    const errors = createRecordingFetch();
    const fleet = await Fleet.start({
      folder,
      address: server.address,
      sfox: new RemoteSfox(provider.url, apiKey),
      policy,
      workers: 2,
      gateways: 2,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ONWARD_LOG_LEVEL: 'debug' },
      fetch: errors.fetch,
    });
    cleanup.add(() => fleet.close());
    const crashServer = () => server.crash(serverDowntimeMs);
    const { outcomes, disruptions } = await runScenario({ ...scenario, fleet, crashServer });
    const { statistics, violations } = await verifyStatistics(() => fleet.client('viewer').statistics(), outcomes);
    const [log, mails, metrics] = await Promise.all([fleet.sfox.requests(), fleet.sfox.outbox(), fleet.metrics()]);
    // A process exports buffered data, such as its last spans, on a graceful shutdown.
    await fleet.close();
    const artifacts = [
      ...(await server.readArtifacts()),
      ...Object.entries({
        logs: fleet.outputs(),
        'the simulator’s log': [provider.output()],
        metrics,
        traces: [collector.received()],
        errors: errors.bodies,
      }).map(([name, parts]) => ({ name, bytes: Buffer.from(parts.join('\n')) })),
    ];
    return {
      figures: computeFigures({ log, outcomes, disruptions, artifacts, errors: errors.bodies.length, statistics }),
      violations: [...verifyOutcome({ log, outcomes, disruptions, maxSends: MAX_SENDS_PER_10_MINUTES }), ...violations],
      leaks: searchSecrets(artifacts, secretsOf({ apiKey, ...fleet.secrets, mails })),
    };
  } finally {
    await cleanup.run();
  }
}
