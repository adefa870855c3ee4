import type { Written } from '../fleet/server.ts';
import { grouped } from './grouped.ts';
import { neverSeen, unknownIn } from './judge.ts';
import type { Facts } from './judge.ts';
import { isUnknown, mayHaveGoneOut } from './replies.ts';

/** A count of things by their names. */
type Counts = Readonly<Record<string, number>>;

/** What there was of everything. */
export interface Figures {
  readonly journeys: number;
  /** Where they ended. */
  readonly places: Counts;
  /** Sign-up events that were answered 202. */
  readonly events: number;
  readonly hits: Counts;
  /** Requests at the provider, by call. */
  readonly requests: Counts;
  readonly faults: Counts;
  /** Requests for a code that went out or may have. */
  readonly sends: number;
  /** Of them, those of unknown outcome, and how many the journeys tell of. */
  readonly unknown: number;
  readonly toldUnknown: number;
  /** Sends that the journeys count and the provider has never seen. */
  readonly neverSeen: number;
  /** Errors that gateways answered. */
  readonly errors: number;
  /** Megabytes that were searched, by what they are. */
  readonly searched: Counts;
}

export function figuresOf({
  log,
  endings,
  hits,
  texts,
  errors,
}: Omit<Facts, 'limit'> & { readonly texts: readonly Written[]; readonly errors: number }): Figures {
  const places = endings.map(({ status }) => [status?.state ?? 'none', status?.step ?? []].flat().join('.'));
  const told = endings.flatMap(({ timeline }) => [unknownIn(timeline, 'email'), unknownIn(timeline, 'sms')]);
  return {
    journeys: endings.length,
    places: count(places),
    events: endings.flatMap(({ answers }) => answers).length,
    hits: count(hits.map(({ what }) => what)),
    requests: count(log.map(({ call }) => call)),
    faults: count(log.flatMap(({ fault }) => fault ?? [])),
    sends: log.filter(mayHaveGoneOut).length,
    unknown: log.filter(isUnknown).length,
    toldUnknown: told.reduce((sum, each) => sum + each, 0),
    neverSeen: neverSeen(log, endings),
    errors,
    searched: Object.fromEntries(texts.map(({ name, bytes }) => [name, Math.round(bytes.length / 10_000) / 100])),
  };
}

function count(names: readonly string[]): Counts {
  return Object.fromEntries([...grouped(names, (name) => name)].map(([name, all]) => [name, all.length]));
}
