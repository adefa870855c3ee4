import type { ConfirmReply, SendReply, UserRecord } from '../../../activities/contract.ts';
import {
  eachOf,
  listOf,
  objectOf,
  oneOf,
  orAbsent,
  orNull,
  parseFields,
  parseFlag,
  parseNumber,
  parseText,
  UnreadableValue,
  variantsOf,
} from '../../engine/core/parse-values.ts';
import type { Parser } from '../../engine/core/parse-values.ts';
import { channels } from '../channels.ts';
import { factsOf, namedReplies } from '../replies.ts';
import type { ProviderReply, ReplyFields } from '../replies.ts';

/** Parsers of what the provider's activities return. A worker of another release may have carried them out. */

const parseRecord = objectOf(
  {},
  {
    provider: objectOf({ status: orNull(parseText), isSupported: parseFlag, open: listOf(parseText) }),
  },
);
/** A record of a release that did not know a channel does not contain it. */
const parseStanding = orAbsent(orNull(oneOf(['open', 'verified'])), null);
const parseStandings = eachOf(channels, parseStanding);

export const parseUserRecord: Parser<UserRecord> = (value, path) => {
  const fields = parseFields(value, path);
  if (!channels.some((channel) => channel in fields)) {
    throw new UnreadableValue(path, `a record that has ${channels.join(' or ')}`);
  }
  return { ...parseRecord(value, path), ...parseStandings(value, path) };
};

const fieldParsers: { readonly [F in keyof ReplyFields]: Parser<ReplyFields[F]> } = {
  detail: parseText,
  to: orNull(parseText),
  record: parseUserRecord,
  retryAfter: orNull(parseNumber),
  until: parseNumber,
};

/** The parsers of the fields that a reply has beside its type. */
function fieldsOf(type: string): Readonly<Record<string, Parser<unknown>>> {
  const { fields = [] } = factsOf(type) ?? {};
  return Object.fromEntries(fields.map((field) => [field, fieldParsers[field]]));
}

const parseType = objectOf({ type: parseText });

/** A send activity returns a reply without the name of its family, and with the same fields. */
export const parseSendReply = ((value, path) => {
  const { type } = parseType(value, path);
  return objectOf({ type: parseText, ...fieldsOf(`send.${type}`) })(value, path);
}) as Parser<SendReply>;

const recordReplies = namedReplies.filter((type) => type.startsWith('record.'));
export const parseRecordReply = variantsOf(
  Object.fromEntries(recordReplies.map((type) => [type, fieldsOf(type)])),
) as Parser<Extract<ProviderReply, { readonly type: `record.${string}` }>>;

export const parseConfirmReply: Parser<ConfirmReply> = variantsOf({ right: {}, alreadyVerified: {}, wrong: {} });
