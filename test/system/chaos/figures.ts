import type { Statistics } from '../../../client/http-client/types.ts';
import type { Artifact } from '../fleet/durable-server.ts';
import { groupBy } from './group-by.ts';
import { countLostSends, countUnknownSends } from './verify-outcome.ts';
import type { RunRecord } from './verify-outcome.ts';
import { isUnknown, mayHaveBeenSent } from './provider-log.ts';

/** Counts by name. */
type Counts = Readonly<Record<string, number>>;

/** The figures that the report of a run shows. */
export interface Figures {
  readonly journeys: number;
  /** How many journeys ended in each state and step. */
  readonly finalPositions: Counts;
  /** Deliveries of sign-up events answered with 202. */
  readonly events: number;
  readonly disruptions: Counts;
  /** Requests to the provider, by call. */
  readonly requests: Counts;
  readonly faults: Counts;
  /** Codes that were or may have been sent. */
  readonly sends: number;
  /** Sends of unknown outcome according to the provider's log, and according to the journeys' timelines. */
  readonly unknown: number;
  readonly reportedUnknown: number;
  /** Sends that the journeys count and that did not reach the provider. */
  readonly lostSends: number;
  /** Requests to the provider according to the statistics. Reports of killed workers are lost. */
  readonly reportedRequests: number;
  /** Error replies of the gateways. */
  readonly errors: number;
  /** Megabytes searched for secrets, by artifact. */
  readonly searchedMegabytes: Counts;
}

interface FigureSources extends Omit<RunRecord, 'maxSends'> {
  readonly artifacts: readonly Artifact[];
  /** How many error replies the gateways gave. */
  readonly errors: number;
  readonly statistics: Statistics;
}

export function computeFigures({ log, outcomes, disruptions, artifacts, errors, statistics }: FigureSources): Figures {
  const positions = outcomes.map(({ status }) => [status?.state ?? 'none', status?.step ?? []].flat().join('.'));
  const reportedUnknown = outcomes.flatMap(({ timeline }) => [
    countUnknownSends(timeline, 'email'),
    countUnknownSends(timeline, 'sms'),
  ]);
  return {
    journeys: outcomes.length,
    finalPositions: count(positions),
    events: outcomes.flatMap(({ signUpResults }) => signUpResults).length,
    disruptions: count(disruptions.map(({ kind }) => kind)),
    requests: count(log.map(({ call }) => call)),
    faults: count(log.flatMap(({ fault }) => fault ?? [])),
    sends: log.filter(mayHaveBeenSent).length,
    unknown: log.filter(isUnknown).length,
    reportedUnknown: reportedUnknown.reduce((sum, each) => sum + each, 0),
    lostSends: countLostSends(log, outcomes),
    reportedRequests: statistics.reports?.requests ?? 0,
    errors,
    searchedMegabytes: Object.fromEntries(
      artifacts.map(({ name, bytes }) => [name, Math.round(bytes.length / 10_000) / 100]),
    ),
  };
}

function count(names: readonly string[]): Counts {
  return Object.fromEntries([...groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}
