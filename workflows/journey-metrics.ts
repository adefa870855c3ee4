import { metricMeter, proxySinks } from '@temporalio/workflow';
import type { Sinks } from '@temporalio/workflow';
import { eventsBetween } from './journey/status/journey-events.ts';
import type { JourneyEventName } from './journey/status/journey-events.ts';
import { isFinal, positionOf } from './journey/status/status.ts';
import type { State } from './journey/status/status.ts';
import type { Journey } from './journey/transition.ts';

/** The sinks by which journeys report to their worker. A report costs no event of the history, and a replay reports nothing. */
export interface JourneySinks extends Sinks {
  readonly statistics: { count(name: JourneyEventName): void };
}
const { statistics } = proxySinks<JourneySinks>();

const seconds = (milliseconds: number) => Math.max(0, milliseconds) / 1_000;

/**
 * Creates the observer of one journey. Its metrics leave the workflow beside the history: they cost no event, and a replay records
 * nothing. When a journey continues as new, the time in its present state is measured from then on.
 */
export function observeJourney(): (journey: Journey) => void {
  let entered: { readonly state: State; readonly at: number } | undefined;
  let before: Journey | undefined;
  return (journey) => {
    for (const name of before === undefined ? [] : eventsBetween(before, journey)) countEvent(name);
    before = journey;
    const { state } = positionOf(journey.snapshot);
    if (entered?.state === state) return;
    const { updatedAt: at } = journey;
    if (entered !== undefined) {
      metricMeter
        .createHistogram('onward_time_in_state_seconds', 'float', '', 'Time that journeys spent in a state')
        .record(seconds(at - entered.at), { state: entered.state });
    }
    entered = { state, at };
    if (isFinal(state)) recordEnd(journey, state);
  };
}

function countEvent(name: JourneyEventName): void {
  statistics.count(name);
  metricMeter
    .createCounter('onward_journey_events_total', '', 'Verifications by evidence, sends by outcome, stalls by reason')
    .add(1, { event: name });
}

function recordEnd({ snapshot: { context }, updatedAt }: Journey, state: State): void {
  const { accountType, evidence, startedAt } = context;
  const { email, sms } = evidence;
  metricMeter
    .createCounter('onward_journeys_ended_total', '', 'Journeys that ended, by state and by evidence of each channel')
    .add(1, { state, account_type: accountType, email: email ?? 'none', sms: sms ?? 'none' });
  if (state !== 'done') return;
  metricMeter
    .createHistogram('onward_time_to_verified_seconds', 'float', '', 'Time from the start of a journey to verified')
    .record(seconds(updatedAt - startedAt), { account_type: accountType });
}
