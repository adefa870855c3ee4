import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Onward } from '../onward.ts';
import type { Summary } from '../summary.ts';

/** How many journeys stand where and what is stuck, counted when the metrics are read. Every gateway tells the same. */
export function journeyMeters(registry: Registry, onward: Onward): void {
  const ask = () => onward.summary().catch(() => undefined);
  const registers = [registry];
  const gauge = (
    name: string,
    help: string,
    label: string,
    valuesOf: (summary: Summary) => Readonly<Record<string, number>>,
  ) => {
    const meter: Gauge = new Gauge({ name, help, labelNames: [label], registers, collect: () => count() });
    const count = async () => {
      const summary = await ask();
      meter.reset();
      if (summary === undefined) return;
      for (const [value, number] of Object.entries(valuesOf(summary))) {
        meter.set({ [label]: value }, number);
      }
    };
  };
  const up: Gauge = new Gauge({
    name: 'onward_temporal_up',
    help: '1 where Temporal could be asked about journeys.',
    registers,
    collect: async () => up.set((await ask()) === undefined ? 0 : 1),
  });
  gauge(
    'onward_journeys',
    'Journeys by state; those that have ended until the retention has passed.',
    'state',
    (of) => of.states,
  );
  gauge('onward_held_journeys', 'Open journeys that are locked, paused or stalled.', 'step', (of) => of.steps);
  gauge('onward_stalled_journeys', 'Stalled journeys by reason.', 'reason', (of) => of.reasons);
  gauge('onward_stuck', '1 for a kind of being stuck that is so; see the summary for words.', 'kind', ({ stuck }) =>
    Object.fromEntries(stuck.map(({ kind, words }) => [kind, words === null ? 0 : 1])),
  );
  gauge('onward_stuck_journeys', 'Journeys that are stuck, by kind.', 'kind', ({ stuck }) =>
    Object.fromEntries(stuck.map(({ kind, journeys }) => [kind, journeys])),
  );
}
