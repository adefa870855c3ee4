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
import { replies } from '../replies.ts';
import type { ProviderReply, ReplyFamily, ReplyFields } from '../replies.ts';

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
  const given = parseFields(value, path);
  if (!channels.some((channel) => channel in given)) {
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

/** The fields of each reply of a family, by the type of the reply. */
function variantsIn(family: ReplyFamily, nameOf: (type: string) => string) {
  const types = Object.entries(replies).filter(([type]) => type.startsWith(`${family}.`));
  return Object.fromEntries(
    types.map(([type, { fields }]) => [
      nameOf(type),
      Object.fromEntries(fields.map((field) => [field, fieldParsers[field]])),
    ]),
  );
}

// The table has the fields of every reply, so these parsers know a new one by its entry.
/** A send activity returns some of the replies of the table, without the name of their family and with the same fields. */
export const parseSendReply = variantsOf(variantsIn('send', (type) => type.slice('send.'.length))) as Parser<SendReply>;
export const parseRecordReply = variantsOf(variantsIn('record', (type) => type)) as Parser<
  Extract<ProviderReply, { readonly type: `record.${string}` }>
>;

export const parseConfirmReply: Parser<ConfirmReply> = variantsOf({ right: {}, alreadyVerified: {}, wrong: {} });
