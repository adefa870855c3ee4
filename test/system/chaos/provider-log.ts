import type { Channel, RequestRecord } from '../../../sandbox/sfox/index.ts';
import type { Disruption } from './failures.ts';

/** What the caller could conclude from each recorded request. The caller's timeout is shorter than any injected delay. */

const UNKNOWN_STATUS = new Set<RequestRecord['status']>([500, 502, 504, 'reset-before', 'reset-after']);

/** Faults that leave the reply readable. */
const INTACT = new Set<RequestRecord['fault']>([null, 'legacy-sms']);

/** Whether the caller could not know the outcome of a send. */
export function isUnknown({ call, status, fault }: RequestRecord): boolean {
  if (call !== 'send') return false;
  return UNKNOWN_STATUS.has(status) || fault?.startsWith('delay') === true || (status === 200 && !INTACT.has(fault));
}

/** Whether a code was sent, or may have been as far as the caller knows. */
export function mayHaveBeenSent(record: RequestRecord): boolean {
  return record.call === 'send' && (record.status === 200 || isUnknown(record));
}

/** Whether the reply showed the caller that the channel is verified. */
export function showsVerified({ call, channel, status, fault, verified }: RequestRecord, expected: Channel): boolean {
  if (!verified.includes(expected) || !INTACT.has(fault)) return false;
  if (call === 'read') return status === 200;
  return channel === expected && (status === 422 || (call === 'confirm' && status === 200));
}

/** How long a reply may take from the provider to the journey's history. */
const REPLY_TRANSIT_MS = 2_000;

/** Whether a reply of a given time may have been lost because the worker or the Temporal server was killed. */
export function repliesMayBeLost(disruptions: readonly Disruption[]): (at: string) => boolean {
  const kills = disruptions.filter(({ kind }) => kind === 'worker' || kind === 'server');
  return (at) => kills.some(({ from, to }) => Date.parse(at) >= Date.parse(from) - REPLY_TRANSIT_MS && at <= to);
}
