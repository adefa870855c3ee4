import type { ChannelStatus, Status } from '../../workflows/journey/status/status.ts';
import { channels } from '../sfox/index.ts';
import type { Channel, RequestRecord } from '../sfox/index.ts';
import type { ChannelEnd, Scenario } from './scenarios.ts';

type Log = readonly RequestRecord[];

/**
 * Returns the differences between the expected and the actual outcome of one user; empty if there are none.
 *
 * @param log the simulator's log of this user's requests, in the order of its replies
 */
export function verifyOutcome({ expected }: Pick<Scenario, 'expected'>, status: Status | null, log: Log): string[] {
  if (status === null) return ['has no journey'];
  return [
    ...(status.state === expected.state ? [] : [`is ${status.state}, not ${expected.state}`]),
    ...channels.flatMap((channel) => [
      ...againstStory(channel, status[channel], expected[channel]),
      ...againstLog(channel, status, log),
    ]),
  ];
}

function againstStory(channel: Channel, status: ChannelStatus | null, end: ChannelEnd): string[] {
  const is = { evidence: status?.evidence, sends: status?.sends, last: status?.lastSend?.outcome ?? null };
  return (['evidence', 'sends', 'last'] as const)
    .filter((what) => is[what] !== end[what])
    .map((what) => `${channel}: ${what} is ${is[what]}, not ${end[what]}`);
}

/** Checks that the ledger counts the codes that the provider sent, and that no code is requested for a verified channel or by SMS too early. */
function againstLog(channel: Channel, status: Status, log: Log): string[] {
  const sendIndexes = log.flatMap(({ call, channel: of }, at) => (call === 'send' && of === channel ? [at] : []));
  const sent = sendIndexes.filter((at) => wentOut(log[at])).length;
  const sendsInLedger = status[channel]?.sends;
  const found: string[] = [];
  if (sent !== sendsInLedger) found.push(`${channel}: the provider sent ${sent}, the ledger counts ${sendsInLedger}`);
  const end = verifiedAt(channel, status, log);
  if (sendIndexes.some((at) => at > end)) found.push(`${channel}: a send was requested after it was verified`);
  const beginning = channel === 'sms' ? verifiedAt('email', status, log) : -1;
  if (sendIndexes.some((at) => at < beginning)) found.push('sms: a send was requested before the e-mail was verified');
  return found;
}

/** A 503 counts, because a provider may send a code before it answers so. */
const wentOut = (request: RequestRecord | undefined) =>
  request !== undefined && [200, 503, 'reset-after'].includes(request.status);

/** Returns the position in the log at which a channel was verified; the end of the log if it does not show that. */
function verifiedAt(channel: Channel, status: Status, log: Log): number {
  const places: { [E in 'code' | 'provider']: () => number } = {
    // A wrong code is also answered 200, but none is submitted after the right one.
    code: () => log.findLastIndex((one) => one.channel === channel && one.call === 'confirm' && one.status === 200),
    provider: () => log.findIndex((one) => (one.channel === channel && one.status === 422) || one.call === 'read'),
  };
  const evidence = status[channel]?.evidence;
  const place = evidence === 'code' || evidence === 'provider' ? places[evidence]() : -1;
  return place < 0 ? log.length : place;
}
