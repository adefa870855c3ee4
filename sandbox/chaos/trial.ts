import { startCollector } from '../fleet/collector.ts';
import { Fleet } from '../fleet/fleet.ts';
import { startProcess } from '../fleet/process.ts';
import type { DurableServer } from '../fleet/server.ts';
import { RemoteSfox } from '../sfox/remote.ts';
import { Undo } from '../undo.ts';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';
import { judge } from './judge.ts';
import { LIMIT, play, policy } from './play.ts';
import type { Chaos } from './play.ts';
import { listening } from './listening.ts';
import { search } from './search.ts';
import { secretsOf } from './secrets.ts';

export interface TrialOptions extends Pick<Chaos, 'seed' | 'journeys' | 'gap' | 'atOnce' | 'over' | 'tell'> {
  /** Kept as long as it is wanted, and taken away by the caller. */
  readonly folder: string;
  /** The caller's. */
  readonly server: DurableServer;
  /** How long a Temporal server that was killed is down, in milliseconds. */
  readonly downFor: number;
}

export interface Outcome {
  readonly figures: Figures;
  /** What is not as it must be. */
  readonly complaints: readonly string[];
  /** What was found that must be nowhere. */
  readonly leaks: readonly string[];
}

/** Longer than the provider's own, so that chance cannot write one into a file. */
const CODE_DIGITS = 10;

/** Plays one run of chaos on a server, each part a process of its own, and judges it. */
export async function trial({ folder, server, downFor, ...chaos }: TrialOptions): Promise<Outcome> {
  const undo = new Undo();
  try {
    const { seed } = chaos;
    const collector = await startCollector();
    undo.add(() => collector.close());
    const apiKey = `chaos_${seed}_key_of_the_enterprise`;
    const args = ['--seed', String(seed), '--code-digits', String(CODE_DIGITS)];
    const provider = await startProcess('sfox', { ENTERPRISE_API_KEY: apiKey }, args);
    undo.add(() => provider.stop());
    const errors = listening();
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
    undo.add(() => fleet.close());
    const { endings, hits } = await play({ ...chaos, fleet, crashServer: () => server.crash(downFor) });
    const [log, mails, metrics] = await Promise.all([fleet.sfox.requests(), fleet.sfox.outbox(), fleet.metrics()]);
    // What a process still holds back, such as its last spans, comes when it ends in order.
    await fleet.close();
    const texts = [
      ...(await server.kept()),
      ...Object.entries({
        logs: fleet.outputs(),
        'the simulator’s log': [provider.output()],
        metrics,
        traces: [collector.received()],
        errors: errors.bodies,
      }).map(([name, parts]) => ({ name, bytes: Buffer.from(parts.join('\n')) })),
    ];
    return {
      figures: figuresOf({ log, endings, hits, texts, errors: errors.bodies.length }),
      complaints: judge({ log, endings, hits, limit: LIMIT }),
      leaks: search(texts, secretsOf({ apiKey, ...fleet.secrets, mails })),
    };
  } finally {
    await undo.all();
  }
}
