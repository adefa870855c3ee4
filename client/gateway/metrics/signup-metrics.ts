import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import type { FastifyBaseLogger } from 'fastify';

/** Why a sign-up event is ignored. */
export const ignoredReasons = ['too_old', 'other_type'] as const;
export type IgnoredReason = (typeof ignoredReasons)[number];

export const eventOutcomes = ['started', 'existing', 'ignored'] as const;
export type EventOutcome = (typeof eventOutcomes)[number];

export const EVENTS_METRIC = 'onward_events_total';
export const IGNORED_EVENTS_METRIC = 'onward_events_ignored_total';

/** Counts the outcomes of sign-up events. An ignored event also gets a 202, so a wrong policy shows only here and in the log. */
export class EventMeters {
  readonly #outcomes: Counter<'outcome'>;
  readonly #ignored: Counter<'reason'>;
  readonly #log: Pick<FastifyBaseLogger, 'warn'>;
  readonly #warned = new Set<IgnoredReason>();

  constructor(registry: Registry, log: Pick<FastifyBaseLogger, 'warn'>) {
    this.#log = log;
    const registers = [registry];
    this.#outcomes = new Counter({
      name: EVENTS_METRIC,
      help: 'Accepted sign-up events, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    this.#ignored = new Counter({
      name: IGNORED_EVENTS_METRIC,
      help: 'Ignored sign-up events, by reason.',
      labelNames: ['reason'],
      registers,
    });
    // Prometheus does not count the appearance of a series as an increase, so each starts at 0.
    for (const outcome of eventOutcomes) this.#outcomes.inc({ outcome }, 0);
    for (const reason of ignoredReasons) this.#ignored.inc({ reason }, 0);
  }

  count(outcome: Exclude<EventOutcome, 'ignored'>): void {
    this.#outcomes.inc({ outcome });
  }

  /**
   * Counts an ignored event, and logs a warning for the first one of each reason.
   *
   * @param detail the values of the event and of the policy
   */
  countIgnored(reason: IgnoredReason, detail: Readonly<Record<string, unknown>>): void {
    this.#outcomes.inc({ outcome: 'ignored' });
    this.#ignored.inc({ reason });
    if (this.#warned.has(reason)) return;
    this.#warned.add(reason);
    this.#log.warn({ reason, ...detail }, warnings[reason]);
  }
}

const warnings: { readonly [R in IgnoredReason]: string } = {
  too_old: `a sign-up event was ignored: it is older than journeyLife; later ones are counted in ${IGNORED_EVENTS_METRIC}`,
  other_type: `an event was ignored: its type is not in events.types of the policy; later ones are counted in ${IGNORED_EVENTS_METRIC}`,
};
