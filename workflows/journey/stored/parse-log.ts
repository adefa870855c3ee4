import type { Channel, UserRecord } from '../../../activities/contract.ts';
import { actorRoles } from '../actor.ts';
import type { Actor } from '../actor.ts';
import { readAdoptablePolicy } from '../policy/adoption.ts';
import { channels, forEachChannel } from '../channels.ts';
import { commandFacts, commandTypes } from '../commands.ts';
import { delayNames } from '../events.ts';
import type { LogEntry } from './log.ts';
import { factsOf } from '../replies.ts';
import type { ReplyFields } from '../replies.ts';

type Fields = Readonly<Record<string, unknown>>;
type Parser = (value: unknown) => unknown;

/** Parses the log of a journey, which another release may have written. An entry that this one cannot read becomes `unreadable`. */
export function parseLog(stored: unknown): readonly LogEntry[] {
  return Array.isArray(stored) ? stored.map((entry) => parseEntry(Object(entry) as Fields)) : [];
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const text = (value: unknown) => (isText(value) ? value : undefined);
const number = (value: unknown) => (isNumber(value) ? value : undefined);
const orNull = (parse: Parser) => (value: unknown) => (value === null ? null : parse(value));
const channel = (value: unknown): Channel | undefined => channels.find((each) => each === value);

function actor(value: unknown): Actor | undefined {
  const { role, name } = Object(value) as Fields;
  const known = actorRoles.find((each) => each === role);
  return known === undefined || !isText(name) ? undefined : { role: known, name };
}

function userRecord(value: unknown): UserRecord | undefined {
  const record = Object(value) as Fields;
  const isKnown = (each: unknown) => each === null || each === 'open' || each === 'verified';
  // A record of a release that did not know a channel does not contain it.
  const isRecord = channels.some((each) => each in record) && channels.every((each) => isKnown(record[each] ?? null));
  if (!isRecord) return undefined;
  const provider = providerRecord(record['provider']);
  return {
    ...forEachChannel((each) => (record[each] ?? null) as UserRecord[Channel]),
    ...(provider !== undefined && { provider }),
  };
}

function providerRecord(value: unknown): UserRecord['provider'] {
  const { status, isSupported, open } = Object(value) as Fields;
  const isReadable = (status === null || isText(status)) && typeof isSupported === 'boolean' && Array.isArray(open);
  return isReadable ? { status, isSupported, open: open.filter(isText) } : undefined;
}

const replyParsers: { readonly [F in keyof ReplyFields]: Parser } = {
  detail: text,
  to: orNull(text),
  retryAfter: orNull(number),
  record: userRecord,
  until: number,
};

const caller = { by: actor, reason: orNull(text) };
const commandParsers: Readonly<Record<string, Readonly<Record<string, Parser>>>> = {
  ...Object.fromEntries(
    commandTypes.map((type) => [type, commandFacts(type).channel === 'none' ? caller : { ...caller, channel }]),
  ),
  recover: caller,
  adoptPolicy: { ...caller, policy: readAdoptablePolicy },
};

/** The fields that an entry of each type must have, beside its time; `undefined` if this release does not know the type. */
function parsersOf(type: unknown): Readonly<Record<string, Parser>> | undefined {
  if (!isText(type)) return undefined;
  const reply = factsOf(type);
  if (reply !== undefined) return Object.fromEntries(reply.fields.map((field) => [field, replyParsers[field]]));
  if (Object.hasOwn(commandParsers, type)) return commandParsers[type];
  if (type === 'restarted') return caller;
  if (type === 'unreadable') return { of: text };
  return type === 'started' || delayNames.some((name) => type === `after.${name}`) ? {} : undefined;
}

function parseEntry(stored: Fields): LogEntry {
  const { type, at, by, reason, offered, repeats } = stored;
  const { times, since } = Object(repeats) as Fields;
  const common = {
    at: number(at) ?? 0,
    channel: channel(stored['channel']) ?? null,
    ...(offered === true && ({ offered } as const)),
    ...(isNumber(times) && isNumber(since) && { repeats: { times, since } }),
  };
  const parsed = Object.entries(parsersOf(type) ?? { type: () => undefined }).map(
    ([name, parse]) => [name, parse(stored[name])] as const,
  );
  const who = actor(by);
  const author = who && { by: who, reason: text(reason) ?? null };
  const optional = { ...optionalFields(stored), ...(type === 'unreadable' && author) };
  // Every field that entries of this type have is parsed.
  if (isNumber(at) && parsed.every(([, value]) => value !== undefined)) {
    return { ...common, ...optional, ...Object.fromEntries(parsed), type } as LogEntry;
  }
  return { ...common, type: 'unreadable', of: text(stored['of']) ?? text(type) ?? 'unknown', ...author };
}

/** The fields that an entry may have. */
function optionalFields({ type, asOf, supersedes, supersededBy, changed }: Fields): Fields {
  if (type === 'resend' && isNumber(asOf)) return { asOf };
  if (type === 'restarted' && isText(supersedes)) return { supersedes };
  if (type !== 'cancel' || !isText(supersededBy)) return {};
  const known = channel(changed);
  return { supersededBy, ...(known !== undefined && { changed: known }) };
}
