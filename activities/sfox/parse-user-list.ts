import { JSONParser } from '@streamparser/json';
import { z } from 'zod';
import type { ListedUser } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';
import { parse } from './http-client.ts';
import type { StreamedReply } from './http-client.ts';
import { parseRecord } from './user-record.ts';

/**
 * Reads sFOX's list of users, `{"data": [{…}, …]}`, as it arrives, with one user in memory at a time. Only the fields below are read:
 * all others are contact data.
 */
const ListedFields = z.looseObject({
  user_id: z.union([z.string().min(1), z.number()]).transform(String),
  account_type: z.unknown().optional(),
  // sFOX does not document this field.
  created_at: z.iso.datetime({ offset: true }).optional().catch(undefined),
});

const accountTypes = new Map<unknown, ListedUser['accountType']>([
  ['individual', 'individual'],
  ['corporation', 'business'],
]);

/** More than any real record. Without a limit, a record that never ends would fill the memory. */
const MAX_RECORD_BYTES = 256 * 1_024;
const MAX_EMPTY_LIST_BYTES = 1_024;

const incomplete = (problem: string) =>
  new ProviderError('ProviderOutcomeUnknown', `the list of users cannot be read: ${problem}`);

/** Parses the body of a list. Returns how many records had an unknown shape. Throws `ProviderError` if it is not complete. */
export async function parseUserList(
  body: StreamedReply['body'],
  onUser: (user: ListedUser | null) => void,
): Promise<number> {
  let unknown = 0;
  let users = 0;
  let bytesOfRecord = 0;
  let head = '';
  const parser = new JSONParser({ paths: ['$.data.*', '$.error'], keepStack: false });
  parser.onError = (error): never => {
    // The parser's own text quotes the body.
    throw error instanceof ProviderError ? error : incomplete('it is not valid JSON, or it ended early');
  };
  parser.onValue = ({ value, key, stack }) => {
    if (stack.length !== 2 || typeof key !== 'number') throw incomplete('it is not a list');
    bytesOfRecord = 0;
    users += 1;
    const user = parseListedUser(value);
    if (user === null || user.standing === null) unknown += 1;
    onUser(user);
  };
  for await (const chunk of body) {
    bytesOfRecord += chunk.length;
    if (users === 0 && head.length <= MAX_EMPTY_LIST_BYTES) head += Buffer.from(chunk).toString();
    parser.write(chunk);
    if (bytesOfRecord > MAX_RECORD_BYTES + chunk.length) throw incomplete('a record is too long');
  }
  if (!parser.isEnded) throw incomplete('it ended early');
  if (users === 0 && !isEmptyList(head)) throw incomplete('it has no users and is not an empty list');
  return unknown;
}

function isEmptyList(text: string): boolean {
  return z.object({ data: z.array(z.never()) }).safeParse(parse(text)).success;
}

function parseListedUser(value: unknown): ListedUser | null {
  const fields = ListedFields.safeParse(value).data;
  if (fields === undefined) return null;
  const { user_id: userId, account_type: type, created_at: createdAt } = fields;
  const accountType = accountTypes.get(type) ?? null;
  const registeredAt = createdAt === undefined ? null : Date.parse(createdAt);
  return { userId, accountType, standing: standingOf(value, accountType), registeredAt };
}

/** A record that contradicts itself, such as one that is verified and requires an e-mail, counts as unknown. */
function standingOf(value: unknown, accountType: ListedUser['accountType']): ListedUser['standing'] {
  const { record, isKnown } = parseRecord(value);
  const { email, sms, provider } = record;
  if (!isKnown) return null;
  if (provider?.isSupported === false) return 'unsupported';
  const needed = accountType === 'business' ? [email] : [email, sms];
  const isVerified = provider?.status === 'VERIFIED';
  if (isVerified && needed.includes('open')) return null;
  if (isVerified || needed.every((each) => each === 'verified')) return 'verified';
  return email === 'verified' ? 'partlyVerified' : 'pending';
}
