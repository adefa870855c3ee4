import { CompactSign } from 'jose';
import { channels } from '../../workflows/journey/channels.ts';
import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import { MACHINE_VERSION } from '../../workflows/journey/machine.ts';
import { formatTime, positionOf } from '../../workflows/journey/status/status.ts';
import type { Journey } from '../../workflows/journey/transition.ts';
import { LogIncomplete } from '../errors.ts';
import type { JourneyRecord } from '../journey-log/record.ts';
import { runRecord } from '../journey-log/run-record.ts';
import { toCanonicalJson } from './canonical-json.ts';
import { createChain, firstHash } from './chain.ts';
import type { ReceiptKey } from './keys.ts';
import { RECEIPT_FORMAT } from './schema.ts';
import type { Receipt, Statement, VerifiedChannel } from './schema.ts';

/** The `typ` of the signature: a JWS of another purpose under the same key is not a receipt. */
export const RECEIPT_TYPE = 'onward-receipt';

/**
 * Issues a receipt: runs the record through the machine, and signs what it leads to.
 *
 * @param issuedAt milliseconds since 1970
 * @throws LogIncomplete if the machine does not accept the record
 */
export async function issueReceipt(
  record: JourneyRecord,
  { key, issuedAt }: { readonly key: ReceiptKey; readonly issuedAt: number },
): Promise<Receipt> {
  if (key.privateKey === null) throw new Error(`the receipt key '${key.id}' is retired and signs nothing`);
  const { statement, entries } = describeRecord(record, issuedAt);
  const jws = await new CompactSign(Buffer.from(toCanonicalJson(statement)))
    .setProtectedHeader({ alg: 'EdDSA', kid: key.id, typ: RECEIPT_TYPE })
    .sign(key.privateKey);
  const [header = '', , signature = ''] = jws.split('.');
  return { statement, entries, signature: `${header}..${signature}` };
}

/** The statement of a receipt about a record. Throws `LogIncomplete` as `issueReceipt` does. */
export function describeRecord(record: JourneyRecord, issuedAt: number): Omit<Receipt, 'signature'> {
  const { userId, accountType, policy, at, restarted } = record.start;
  const { verified, last } = runToEnd(record);
  const anchor = {
    userId,
    accountType,
    machineVersion: MACHINE_VERSION,
    policy: { ...policy },
    start: {
      at,
      restarted: restarted === undefined ? null : { ...restarted, carried: carriedOf(restarted.carried) },
    },
  };
  const first = firstHash(anchor);
  const entries = createChain(
    first,
    record.entries.map((entry) => ({ ...entry })),
  );
  const statement: Statement = {
    format: RECEIPT_FORMAT,
    issuedAt: formatTime(issuedAt),
    ...anchor,
    state: positionOf(last.snapshot).state,
    revision: last.revision,
    verified,
    chain: { entries: entries.length, first, last: entries.at(-1)?.hash ?? first },
  };
  return { statement, entries };
}

/** The log of earlier journeys is not part of a receipt. */
function carriedOf(
  carried: NonNullable<JourneyRecord['start']['restarted']>['carried'],
): Record<string, unknown> | null {
  if (carried === undefined) return null;
  const { ledger, guesses, revision } = carried;
  return { ledger, guesses, revision };
}

function runToEnd(record: JourneyRecord): { readonly verified: VerifiedChannel[]; readonly last: Journey } {
  const verified: VerifiedChannel[] = [];
  let last: Journey | undefined;
  let index = 0;
  for (const { journey } of runRecord(record)) {
    const entry = record.entries[index];
    if (entry !== undefined) verified.push(...newlyVerified(last, journey, entry, index + 1));
    last = journey;
    index += 1;
  }
  if (last === undefined) throw new LogIncomplete('the log has no entry');
  return { verified, last };
}

/** The channels that an entry has verified. */
function newlyVerified(
  before: Journey | undefined,
  after: Journey,
  entry: LogEntry,
  number: number,
): VerifiedChannel[] {
  return channels.flatMap((channel) => {
    const evidence = after.snapshot.context.evidence[channel];
    if (evidence === null || evidence === before?.snapshot.context.evidence[channel]) return [];
    const isOperators = evidence === 'operator' && 'by' in entry && entry.by !== undefined;
    const author = isOperators ? { by: entry.by, reason: entry.reason ?? null } : { by: null, reason: null };
    return [{ channel, evidence, at: formatTime(entry.at), entry: number, ...author }];
  });
}
