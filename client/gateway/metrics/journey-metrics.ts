import { setTimeout as pause } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Onward } from '../../onward.ts';
import type { LimitUse } from '../../monitoring/send-budget.ts';
import type { Summary } from '../../monitoring/summary.ts';

/** How long a scrape waits for Temporal. A scrape must complete within two seconds, so that alerts can fire. */
const SCRAPE_WAIT_MS = 1_000;
/** How long the last counts are reported while new ones are being counted. */
const STALE_FOR_MS = 60_000;

/**
 * Registers the counts of journeys by state, step, reason and blocker, counted when the metrics are read. Every gateway
 * reports the same.
 *
 * @param isReady whether Temporal responds
 */
export function registerJourneyMetrics(registry: Registry, onward: Onward, isReady: () => Promise<boolean>): void {
  const scrape = createScrape(onward, isReady);
  const registers = [registry];
  const gauge = (
    name: string,
    help: string,
    label: string,
    valuesOf: (summary: Summary) => Readonly<Record<string, number>>,
  ) => {
    const meter: Gauge = new Gauge({ name, help, labelNames: [label], registers, collect: () => count() });
    const count = async () => {
      const { summary } = await scrape();
      meter.reset();
      if (summary === undefined) return;
      for (const [value, number] of Object.entries(valuesOf(summary))) {
        meter.set({ [label]: value }, number);
      }
    };
  };
  const up: Gauge = new Gauge({
    name: 'onward_temporal_up',
    help: '1 if Temporal responds.',
    registers,
    collect: async () => up.set((await scrape()).isUp ? 1 : 0),
  });
  const paused: Gauge = new Gauge({
    name: 'onward_recovery_paused',
    help: '1 while recovery is paused and stalled journeys are not retried.',
    registers,
    collect: async () => {
      const { summary } = await scrape();
      paused.reset();
      const blocker = summary?.blockers.find(({ kind }) => kind === 'recoveryPaused');
      if (blocker !== undefined) paused.set(blocker.description === null ? 0 : 1);
    },
  });
  registerReconciliationMetric(registry, onward);
  gauge(
    'onward_journeys',
    'Journeys by state, including closed ones within the retention period.',
    'state',
    (of) => of.states,
  );
  registerSendBudget(registry, async () => (await scrape()).summary);
  gauge('onward_inactive_journeys', 'Open journeys that are locked, paused or stalled.', 'step', (of) => of.steps);
  gauge('onward_stalled_journeys', 'Stalled journeys by reason.', 'reason', (of) => of.reasons);
  gauge(
    'onward_webhooks_undelivered',
    'Status changes that were not delivered: retried for more than a minute, or given up.',
    'state',
    (of) => ({ ...of.webhooks }),
  );
  gauge('onward_blockers', '1 if the blocker is present; the summary describes it.', 'kind', ({ blockers }) =>
    Object.fromEntries(blockers.map(({ kind, description }) => [kind, description === null ? 0 : 1])),
  );
  gauge('onward_blocked_journeys', 'Blocked journeys, by kind of blocker.', 'kind', ({ blockers }) =>
    Object.fromEntries(blockers.flatMap(({ kind, journeys }) => (journeys === null ? [] : [[kind, journeys]]))),
  );
}

/** Reports when the newest reconciliation began, by its state. Without one, the metric has no value. */
function registerReconciliationMetric(registry: Registry, onward: Onward): void {
  const started: Gauge = new Gauge({
    name: 'onward_last_reconciliation_timestamp_seconds',
    help: 'When the newest reconciliation that was not a dry run was started, by its state.',
    labelNames: ['state'],
    registers: [registry],
    collect: async () => {
      const timeout = pause(SCRAPE_WAIT_MS, null, { ref: false });
      const last = await Promise.race([onward.reconciliations.last().catch(() => null), timeout]);
      started.reset();
      if (last !== null) started.set({ state: last.state }, Date.parse(last.at) / 1_000);
    },
  });
}

/** Reports the use of the budget of sends. */
function registerSendBudget(registry: Registry, read: () => Promise<Summary | undefined>): void {
  const gauge = (name: string, help: string, valueOf: (use: LimitUse) => number) => {
    const meter: Gauge = new Gauge({
      name,
      help,
      labelNames: ['channel', 'window'],
      registers: [registry],
      collect: () => collect(),
    });
    const collect = async () => {
      const { sendBudget = null } = (await read()) ?? {};
      meter.reset();
      for (const [channel, uses] of Object.entries(sendBudget ?? {})) {
        for (const [window, use] of Object.entries(uses)) meter.set({ channel, window }, valueOf(use));
      }
    };
  };
  gauge('onward_codes_sent', 'Codes of all users in this hour or day (UTC), by channel.', ({ sent }) => sent);
  gauge('onward_send_budget', 'The most codes of all users in an hour or a day, by channel.', ({ limit }) => limit);
}

interface Scrape {
  readonly isUp: boolean;
  readonly summary: Summary | undefined;
}

/** Counts once for all metrics of a scrape. If counting takes too long, only checks whether the server responds. */
function createScrape(onward: Onward, isReady: () => Promise<boolean>): () => Promise<Scrape> {
  let last: { readonly summary: Summary; readonly at: number } | undefined;
  const collect = async (): Promise<Scrape> => {
    const counted = onward.summary().then(
      (summary) => {
        last = { summary, at: Date.now() };
        return { isUp: true, summary };
      },
      () => ({ isUp: false, summary: undefined }),
    );
    const responds = isReady().catch(() => false);
    const timeout = pause(SCRAPE_WAIT_MS, undefined, { ref: false });
    const inTime = await Promise.race([counted, timeout]);
    if (inTime !== undefined) return inTime;
    const isUp = await Promise.race([responds, Promise.resolve(false)]);
    const isFresh = isUp && last !== undefined && Date.now() - last.at < STALE_FOR_MS;
    return { isUp, summary: isFresh ? last?.summary : undefined };
  };
  let current: Promise<Scrape> | undefined;
  return () => (current ??= collect().finally(() => (current = undefined)));
}
