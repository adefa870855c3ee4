import { z } from 'zod';
import { channels } from '../channels.ts';
import type { Channel, UserRecord } from '../contract.ts';
import { cleanProviderRecord, isIdentifier } from '../provider-record.ts';

/**
 * Parses what sFOX says of a user, in its own record and in its list of users. Nothing else of a record is read: the rest is contact
 * data.
 *
 * `requirements` are what is left to complete the verification. One that is `true` is open, one that is `false` is satisfied, and one
 * that is not mentioned is neither.
 */
const Fields = z.looseObject({ status: z.unknown().optional(), requirements: z.unknown().optional() });
const Requirements = z.record(z.string(), z.unknown());

/** The statuses that sFOX documents. */
const statuses: readonly string[] = ['PENDING', 'VERIFIED', 'UNSUPPORTED'];

export interface ParsedRecord {
  readonly record: UserRecord;
  /** Whether the record has only what sFOX documents. Of any other record, only the fields with a known meaning are used. */
  readonly isKnown: boolean;
}

/** Parses the `data` of a record, or an element of the list. */
export function parseRecord(data: unknown): ParsedRecord {
  const { status, requirements } = Fields.safeParse(data).data ?? {};
  const parsed = Requirements.safeParse(requirements);
  const named = Object.entries(parsed.data ?? {});
  const open = named.flatMap(([name, value]) => (value === true ? [name] : []));
  const stated = { status: typeof status === 'string' ? status : null, isSupported: status !== 'UNSUPPORTED', open };
  const provider = cleanProviderRecord(stated);
  const isKnown =
    (status !== undefined || requirements !== undefined) &&
    (status === undefined || statuses.some((each) => each === status)) &&
    (requirements === undefined || parsed.success) &&
    named.every(([name, value]) => typeof value === 'boolean' && isIdentifier(name)) &&
    open.length === provider.open.length;
  const requirementOf = Object.keys(channels).map((channel) => [channel, statusOf(parsed.data?.[channel])]);
  return { record: { ...(Object.fromEntries(requirementOf) as ChannelRequirements), provider }, isKnown };
}

type ChannelRequirements = Pick<UserRecord, Channel>;

function statusOf(isOpen: unknown): UserRecord[Channel] {
  if (typeof isOpen !== 'boolean') return null;
  return isOpen ? 'open' : 'verified';
}
