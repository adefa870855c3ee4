import type { Channel } from '../../activities/contract.ts';
import { channels } from '../../workflows/context.ts';
import type { ChannelStatus, Status } from '../../workflows/status.ts';
import type { RequestRecord } from '../sfox/index.ts';
import type { ChannelEnd, Story } from './stories.ts';

type Log = readonly RequestRecord[];

/**
 * What is not as it must be for one user, in plain words; nothing where all is well.
 *
 * @param log the provider's own record of this user's calls, in the order of its answers
 */
export function complaints({ ends }: Pick<Story, 'ends'>, status: Status | null, log: Log): string[] {
  if (status === null) return ['has no journey'];
  return [
    ...(status.state === ends.state ? [] : [`is ${status.state}, not ${ends.state}`]),
    ...channels.flatMap((channel) => [
      ...againstStory(channel, status[channel], ends[channel]),
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

/** The ledger counts what the provider sent, no text is asked for before the e-mail is verified, and nothing for what is verified. */
function againstLog(channel: Channel, status: Status, log: Log): string[] {
  const asked = log.flatMap(({ call, channel: of }, at) => (call === 'send' && of === channel ? [at] : []));
  const sent = asked.filter((at) => wentOut(log[at])).length;
  const counted = status[channel]?.sends;
  const found: string[] = [];
  if (sent !== counted) found.push(`${channel}: the provider sent ${sent}, the ledger counts ${counted}`);
  const end = verifiedAt(channel, status, log);
  if (asked.some((at) => at > end)) found.push(`${channel}: a send was asked for when it was verified`);
  const beginning = channel === 'sms' ? verifiedAt('email', status, log) : -1;
  if (asked.some((at) => at < beginning)) found.push('sms: a send was asked for before the e-mail was verified');
  return found;
}

const wentOut = (request: RequestRecord | undefined) => request?.status === 200 || request?.status === 'reset-after';

/** The place in the log at which a channel was verified; past the end where it never was, or where the log shows no ground for it. */
function verifiedAt(channel: Channel, status: Status, log: Log): number {
  const places: { [E in 'code' | 'provider']: () => number } = {
    // A wrong code is answered 200 too; after the right one no other is asked about.
    code: () => log.findLastIndex((one) => one.channel === channel && one.call === 'confirm' && one.status === 200),
    provider: () => log.findIndex((one) => (one.channel === channel && one.status === 422) || one.call === 'read'),
  };
  const evidence = status[channel]?.evidence;
  const place = evidence === 'code' || evidence === 'provider' ? places[evidence]() : -1;
  return place < 0 ? log.length : place;
}
