import type { Channel, Status, Timeline } from '../../client/http/types.ts';
import type { SignedUp } from '../fleet/fleet.ts';
import { grouped } from './grouped.ts';
import { most } from '../outage/judge.ts';
import type { RequestRecord } from '../sfox/index.ts';
import { isTold, isUnknown, mayHaveGoneOut, noHearing } from './replies.ts';
import { upsets } from './storm.ts';
import type { Hit } from './storm.ts';

/** How it ended for one person. */
export interface Ending {
  readonly userId: string;
  readonly role: { readonly name: string; ends(status: Status): boolean };
  /** What each delivery of the sign-up event was answered; none where the app has called. */
  readonly answers: readonly SignedUp[];
  /** `null` where there is no journey. */
  readonly status: Status | null;
  readonly timeline: Timeline['items'];
}

export interface Facts {
  /** The provider's own. */
  readonly log: readonly RequestRecord[];
  readonly endings: readonly Ending[];
  readonly hits: readonly Hit[];
  /** Sends on one channel in ten minutes. */
  readonly limit: number;
}

const channels = ['email', 'sms'] as const satisfies readonly Channel[];
const shown = { email: 'e-mail', sms: 'sms' } as const;
const TEN_MINUTES = 600_000;

/** Everything that is not as it must be, in plain words, judged by the provider's own log. Nothing where all is well. */
export function judge({ log, endings, hits, limit }: Facts): string[] {
  const byUser = grouped(log, ({ userId }) => userId);
  const deaf = noHearing(hits);
  const found = endings.flatMap((ending) => {
    const own = byUser.get(ending.userId) ?? [];
    const { status } = ending;
    if (status === null) return [`${ending.userId} has no journey`];
    const wrong = [
      ...againstRole(ending, status),
      ...textTooEarly(own),
      ...channels.flatMap((channel) => [
        ...sentInVain(own, channel, deaf),
        ...overLimit(own, channel, limit),
        ...againstLedger(own, channel, status, ending.timeline),
      ]),
    ];
    return wrong.map((what) => `${ending.userId} ${what}`);
  });
  return [...found, ...beyond(log, endings, hits), ...tooQuiet(log, hits)];
}

function againstRole({ role, answers }: Ending, status: Status): string[] {
  const { state, step } = status;
  const starts = answers.filter((answer) => answer === 'started').length;
  return [
    ...(role.ends(status) ? [] : [`is ${[state, step ?? []].flat().join('.')}, where ${role.name} does not end`]),
    ...(starts > 1 ? [`was started ${starts} times`] : []),
    ...(answers.includes('ignored') ? ['had a sign-up ignored'] : []),
  ];
}

function textTooEarly(log: Facts['log']): string[] {
  const first = log.findIndex(({ call, channel }) => call === 'send' && channel === 'sms');
  const request = log[first];
  if (request === undefined || log.slice(0, first).some((one) => isTold(one, 'email') && one.at <= request.at))
    return [];
  return ['had a text asked for before the e-mail was verified'];
}

function sentInVain(log: Facts['log'], channel: Channel, deaf: (at: string) => boolean): string[] {
  // A record that was read may have been read for others: the canary's is.
  const told = log.find((one) => one.call !== 'read' && isTold(one, channel) && !deaf(one.at));
  const late = log.some(
    (one) => one.call === 'send' && one.channel === channel && told !== undefined && one.at > told.at,
  );
  return late ? [`had a code by ${shown[channel]} asked for when it was verified`] : [];
}

function overLimit(log: Facts['log'], channel: Channel, limit: number): string[] {
  const times = log.filter((one) => one.channel === channel && mayHaveGoneOut(one)).map(({ at }) => Date.parse(at));
  const peak = most(
    times.toSorted((a, b) => a - b),
    TEN_MINUTES,
  );
  return peak > limit ? [`was sent ${peak} codes by ${shown[channel]} in ten minutes, not ${limit} at most`] : [];
}

function againstLedger(log: Facts['log'], channel: Channel, status: Status, timeline: Ending['timeline']): string[] {
  const own = log.filter((one) => one.channel === channel);
  const asked = own.filter(mayHaveGoneOut).length;
  const counted = status[channel]?.sends ?? 0;
  const unknown = own.filter(isUnknown).length;
  const entered = unknownIn(timeline, channel);
  return [
    ...(counted < asked
      ? [`may have been sent ${asked} codes by ${shown[channel]}, and the ledger counts ${counted}`]
      : []),
    ...(entered < unknown
      ? [`has ${entered} unknown outcomes by ${shown[channel]} in the ledger, and the provider ${unknown}`]
      : []),
  ];
}

/** How many sends of unknown outcome a journey tells of. */
export function unknownIn(timeline: Ending['timeline'], channel: Channel): number {
  return timeline.filter(({ what }) => what.startsWith(`Nobody knows whether an ${shown[channel]} code was sent`))
    .length;
}

/** Sends in the ledgers that the provider has never seen. */
export function neverSeen(log: Facts['log'], endings: readonly Ending[]): number {
  const counted = endings.flatMap(({ status }) => channels.map((channel) => status?.[channel]?.sends ?? 0));
  return counted.reduce((sum, sends) => sum + sends, 0) - log.filter(mayHaveGoneOut).length;
}

/** A worker that was killed may have taken sends along; nothing else may. */
function beyond(log: Facts['log'], endings: readonly Ending[], hits: readonly Hit[]): string[] {
  const sends = neverSeen(log, endings);
  const killed = hits.some(({ what }) => what === 'worker' || what === 'server');
  return sends > 0 && !killed ? [`the ledgers count ${sends} sends that the provider has never seen`] : [];
}

/** What has not happened has proven nothing. */
function tooQuiet(log: Facts['log'], hits: readonly Hit[]): string[] {
  const spared = upsets.filter((upset) => hits.every(({ what }) => what !== upset));
  return [
    ...spared.map((what) => `the ${what} was never hit`),
    ...(log.some(({ fault }) => fault !== null) ? [] : ['the provider had no fault']),
  ];
}
