import { adoptedPolicy } from '../../workflows/journey/policy/adoption.ts';
import type { AdoptablePolicy } from '../../workflows/journey/policy/adoption.ts';
import { positionOf } from '../../workflows/journey/status/status.ts';
import { startJourney } from '../../workflows/journey/transition.ts';
import type { Journey, Step } from '../../workflows/journey/transition.ts';
import type { DifferenceType, JourneyComparison } from '../../workflows/what-if/contract.ts';
import type { JourneyRecord } from '../journey-log/record.ts';
import { runRecord } from '../journey-log/run-record.ts';
import { Lockstep, sendsOf } from './lockstep.ts';
import type { Divergence } from './lockstep.ts';

/** The comparison of one journey, and the journey under the other policy. */
export interface ComparedJourney extends Omit<JourneyComparison, 'userId' | 'undecidedFrom' | 'result' | 'why'> {
  readonly result: Exclude<JourneyComparison['result'], 'unreadable'>;
  /** Milliseconds since 1970. */
  readonly undecidedFrom: number | null;
  /** The journey under the other policy, at the end of the comparison. */
  readonly whatIf: Journey;
}

/**
 * Runs the log of a journey through the machine under another policy. The events of the log are valid up to the first difference that a
 * person could have seen. From there on the journey is undecided, unless it has ended.
 *
 * @param until the time up to which the log of an open journey is complete, in milliseconds since 1970
 * @throws EntryRejected if the machine does not accept the log under the journey's own policy
 */
export function compareJourney(record: JourneyRecord, policy: AdoptablePolicy, until: number): ComparedJourney {
  const { start, entries } = record;
  const steps = runRecord(record);
  const lockstep = new Lockstep(policy, startJourney({ ...start, policy: adoptedPolicy(start.policy, policy) }));
  let compared = 0;
  let divergence: Divergence | undefined;
  for (const entry of entries) {
    if (compared > 0) divergence = lockstep.waitUntil(entry.at);
    const step = divergence === undefined ? steps.next() : undefined;
    if (step === undefined || step.done === true) break;
    divergence = lockstep.take(entry, step.value);
    if (divergence !== undefined) break;
    compared += 1;
  }
  divergence ??= lockstep.waitUntil(until);
  return conclude(lockstep, divergence, steps, { total: entries.length, compared });
}

function conclude(
  lockstep: Lockstep,
  divergence: Divergence | undefined,
  rest: Iterable<Step>,
  events: ComparedJourney['events'],
): ComparedJourney {
  const { actual, whatIf } = lockstep;
  const refused = divergence?.refused ?? null;
  const positions = divergence === undefined ? [] : positionDifferences(actual.journey, whatIf.journey);
  // A journey that has ended by itself is decided: no later act changes it.
  const isDecided = divergence === undefined || whatIf.journey.snapshot.status === 'done';
  const laterSends = isDecided ? [...rest].reduce((sum, step) => sum + sendsOf(step), 0) : 0;
  const sends = { actual: actual.sends + laterSends, whatIf: whatIf.sends };
  const differences: DifferenceType[] = [
    ...(sends.whatIf > sends.actual ? (['moreSends'] as const) : []),
    ...(sends.whatIf < sends.actual ? (['fewerSends'] as const) : []),
    ...positions,
    ...(refused === null ? [] : (['commandRefused'] as const)),
  ];
  return {
    result: divergence === undefined ? 'same' : isDecided ? 'differs' : 'undecided',
    differences,
    refused,
    undecidedFrom: divergence === undefined || isDecided ? null : divergence.at,
    cause: divergence === undefined || isDecided ? null : divergence.cause,
    sends,
    events: isDecided ? { ...events, compared: events.total } : events,
    whatIf: whatIf.journey,
  };
}

/** The differences of the two positions at the divergence. */
function positionDifferences(actual: Journey, whatIf: Journey): DifferenceType[] {
  const [was, would] = [positionOf(actual.snapshot), positionOf(whatIf.snapshot)];
  const compare = (was: boolean, is: boolean, sooner: DifferenceType, later: DifferenceType) =>
    was === is ? [] : [is ? sooner : later];
  return [
    ...compare(was.step === 'locked', would.step === 'locked', 'lockedSooner', 'lockedLater'),
    ...compare(was.step === 'stalled', would.step === 'stalled', 'stalledSooner', 'stalledLater'),
    ...compare(was.state === 'expired', would.state === 'expired', 'expiredSooner', 'expiredLater'),
  ];
}
