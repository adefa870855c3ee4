import type { Channel, RequestRecord } from '../sfox/index.ts';
import type { Hit } from './storm.ts';

/** How a record of the provider's log was heard by who had asked, whose patience is shorter than any delay. */

const UNKNOWN_STATUS = new Set<RequestRecord['status']>([500, 502, 504, 'reset-before', 'reset-after']);

/** Faults after which the answer is still heard as it is. */
const HEARD = new Set<RequestRecord['fault']>([null, 'legacy-sms']);

/** Whether the asker could not know what became of a send. */
export function isUnknown({ call, status, fault }: RequestRecord): boolean {
  if (call !== 'send') return false;
  return UNKNOWN_STATUS.has(status) || fault?.startsWith('delay') === true || (status === 200 && !HEARD.has(fault));
}

/** Whether a code went out, or may have as far as the asker knows. */
export function mayHaveGoneOut(record: RequestRecord): boolean {
  return record.call === 'send' && (record.status === 200 || isUnknown(record));
}

/** Whether an answer has said that a channel is verified. */
export function isTold({ call, channel, status, fault, verified }: RequestRecord, about: Channel): boolean {
  if (!verified.includes(about) || !HEARD.has(fault)) return false;
  if (call === 'read') return status === 200;
  return channel === about && (status === 422 || (call === 'confirm' && status === 200));
}

/** How long an answer may be on its way from the provider into a journey. */
const ON_ITS_WAY = 2_000;

/** Whether an answer of that time may have been lost, since who had asked was killed, or the server that it was for. */
export function noHearing(hits: readonly Hit[]): (at: string) => boolean {
  const losing = hits.filter(({ what }) => what === 'worker' || what === 'server');
  return (at) => losing.some(({ from, to }) => Date.parse(at) >= Date.parse(from) - ON_ITS_WAY && at <= to);
}
