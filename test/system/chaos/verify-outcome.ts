import type { Status, Timeline } from '../../../client/http-client/types.ts';
import type { SignUpResult } from '../fleet/fleet.ts';
import { groupBy } from './group-by.ts';
import { peakCount } from '../outage/verify-outcome.ts';
import { channels } from '../../../sandbox/sfox/index.ts';
import type { Channel, RequestRecord } from '../../../sandbox/sfox/index.ts';
import { isUnknown, mayHaveBeenSent, repliesMayBeLost, showsVerified } from './provider-log.ts';
import { channelFacts } from '../../../workflows/journey/channels.ts';
import { disruptionKinds } from './failures.ts';
import type { Disruption } from './failures.ts';

/** The final result for one user. */
export interface UserOutcome {
  readonly userId: string;
  readonly behaviour: { readonly name: string; isFinal(status: Status): boolean };
  /** The answers to the deliveries of the sign-up event; empty if the journey was started by a call. */
  readonly signUpResults: readonly SignUpResult[];
  /** `null` without a journey. */
  readonly status: Status | null;
  readonly timeline: Timeline['items'];
}

export interface RunRecord {
  /** The provider's request log. */
  readonly log: readonly RequestRecord[];
  readonly outcomes: readonly UserOutcome[];
  readonly disruptions: readonly Disruption[];
  /** The limit of sends on one channel in ten minutes. */
  readonly maxSends: number;
}

const TEN_MINUTES_MS = 600_000;

/** Verifies a run against the provider's request log. Returns a sentence for each violation. */
export function verifyOutcome({ log, outcomes, disruptions, maxSends }: RunRecord): string[] {
  const byUser = groupBy(log, ({ userId }) => userId);
  const mayBeLost = repliesMayBeLost(disruptions);
  const violations = outcomes.flatMap((outcome) => {
    const requests = byUser.get(outcome.userId) ?? [];
    const { status } = outcome;
    if (status === null) return [`${outcome.userId} has no journey`];
    const found = [
      ...checkFinalStatus(outcome, status),
      ...checkChannelOrder(requests),
      ...channels.flatMap((channel) => [
        ...checkSendsAfterVerified(requests, channel, outcome.timeline, mayBeLost),
        ...checkSendLimit(requests, channel, maxSends),
        ...checkLedger(requests, channel, status, outcome.timeline),
      ]),
    ];
    return found.map((violation) => `${outcome.userId} ${violation}`);
  });
  return [...violations, ...checkLostSends(log, outcomes, disruptions), ...checkCoverage(log, disruptions)];
}

function checkFinalStatus({ behaviour, signUpResults }: UserOutcome, status: Status): string[] {
  const { state, step } = status;
  const starts = signUpResults.filter((result) => result === 'started').length;
  return [
    ...(behaviour.isFinal(status)
      ? []
      : [`is ${[state, step ?? []].flat().join('.')}, which is not a final status of '${behaviour.name}'`]),
    ...(starts > 1 ? [`was started ${starts} times`] : []),
    ...(signUpResults.includes('ignored') ? ['had a sign-up ignored'] : []),
  ];
}

function checkChannelOrder(log: RunRecord['log']): string[] {
  const first = log.findIndex(({ call, channel }) => call === 'send' && channel === 'sms');
  const request = log[first];
  if (request === undefined) return [];
  if (log.slice(0, first).some((one) => showsVerified(one, 'email') && one.at <= request.at)) return [];
  return ['had a text requested before the e-mail was verified'];
}

function checkSendsAfterVerified(
  log: RunRecord['log'],
  channel: Channel,
  timeline: UserOutcome['timeline'],
  mayBeLost: (at: string) => boolean,
): string[] {
  // A read does not count: it may serve another purpose, such as a recovery canary's check.
  const replies = log.filter((one) => one.call !== 'read' && showsVerified(one, channel) && !mayBeLost(one.at));
  // On a busy machine a reply can be later than the timeout of the call; the journey then reports an unknown outcome.
  const verified = replies[countLateReplies(log, timeline, channel)];
  const sentLater = log.some(
    (one) => one.call === 'send' && one.channel === channel && verified !== undefined && one.at > verified.at,
  );
  return sentLater ? [`had a code by ${channelFacts[channel].name} requested when it was verified`] : [];
}

/** How many replies that the provider gave in order were unknown outcomes to the journey. */
function countLateReplies(log: RunRecord['log'], timeline: UserOutcome['timeline'], channel: Channel): number {
  const lostSends = log.filter((one) => one.channel === channel && isUnknown(one)).length;
  const late = countUnknownSends(timeline, channel) - lostSends;
  return Math.max(0, late) + countUnknownChecks(timeline, channel);
}

function checkSendLimit(log: RunRecord['log'], channel: Channel, maxSends: number): string[] {
  const times = log.filter((one) => one.channel === channel && mayHaveBeenSent(one)).map(({ at }) => Date.parse(at));
  const peak = peakCount(
    times.toSorted((a, b) => a - b),
    TEN_MINUTES_MS,
  );
  if (peak <= maxSends) return [];
  return [`was sent ${peak} codes by ${channelFacts[channel].name} in ten minutes, not ${maxSends} at most`];
}

function checkLedger(
  log: RunRecord['log'],
  channel: Channel,
  status: Status,
  timeline: UserOutcome['timeline'],
): string[] {
  const requests = log.filter((one) => one.channel === channel);
  const possibleSends = requests.filter(mayHaveBeenSent).length;
  const countedSends = status[channel]?.sends ?? 0;
  const unknown = requests.filter(isUnknown).length;
  const reportedUnknown = countUnknownSends(timeline, channel);
  const name = channelFacts[channel].name;
  return [
    ...(countedSends < possibleSends
      ? [`may have been sent ${possibleSends} codes by ${name}, and the ledger counts ${countedSends}`]
      : []),
    ...(reportedUnknown < unknown
      ? [`has ${reportedUnknown} unknown outcomes by ${name} in the ledger, and the provider ${unknown}`]
      : []),
  ];
}

/** How many sends of unknown outcome a journey's timeline reports. */
export function countUnknownSends(timeline: UserOutcome['timeline'], channel: Channel): number {
  return timeline.filter(({ what }) =>
    what.startsWith(`It is unknown whether the ${channelFacts[channel].name} code was sent`),
  ).length;
}

function countUnknownChecks(timeline: UserOutcome['timeline'], channel: Channel): number {
  return timeline.filter(({ what }) =>
    what.startsWith(`It is unknown whether the ${channelFacts[channel].name} code was accepted`),
  ).length;
}

/** How many sends the ledgers count that did not reach the provider. */
export function countLostSends(log: RunRecord['log'], outcomes: readonly UserOutcome[]): number {
  const counted = outcomes.flatMap(({ status }) => channels.map((channel) => status?.[channel]?.sends ?? 0));
  return counted.reduce((sum, sends) => sum + sends, 0) - log.filter(mayHaveBeenSent).length;
}

/** Only a killed worker or server explains a send that the ledger counts and the provider did not receive. */
function checkLostSends(
  log: RunRecord['log'],
  outcomes: readonly UserOutcome[],
  disruptions: readonly Disruption[],
): string[] {
  const sends = countLostSends(log, outcomes);
  const wasKilled = disruptions.some(({ kind }) => kind === 'worker' || kind === 'server');
  return sends > 0 && !wasKilled ? [`the ledgers count ${sends} sends that did not reach the provider`] : [];
}

/** A run proves nothing about a disruption or fault that did not occur. */
function checkCoverage(log: RunRecord['log'], disruptions: readonly Disruption[]): string[] {
  const missing = disruptionKinds.filter((expected) => disruptions.every(({ kind }) => kind !== expected));
  return [
    ...missing.map((kind) => `the ${kind} was never disrupted`),
    ...(log.some(({ fault }) => fault !== null) ? [] : ['the provider had no fault']),
  ];
}
