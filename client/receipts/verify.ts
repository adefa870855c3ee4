import { compactVerify, createLocalJWKSet, decodeProtectedHeader, errors } from 'jose';
import type { Actor } from '../../workflows/journey/actor.ts';
import type { JourneyInput } from '../../workflows/journey/context.ts';
import { MACHINE_VERSION } from '../../workflows/journey/machine.ts';
import { parseCarried } from '../../workflows/journey/stored/parse-carried.ts';
import { parseLog } from '../../workflows/journey/stored/parse-log.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { EntryRejected } from '../journey-log/run-record.ts';
import { toCanonicalJson } from './canonical-json.ts';
import { firstHash, linkHash } from './chain.ts';
import { describeRecord, RECEIPT_TYPE } from './issue.ts';
import { Receipt } from './schema.ts';
import type { Jwks, Statement } from './schema.ts';

/** The checks of a receipt, in this order. */
export const checks = ['form', 'chain', 'signature', 'machine'] as const;

/** Why a receipt is not valid. */
export interface ReceiptProblem {
  readonly check: (typeof checks)[number];
  /** The number of the entry; `null` if no single entry is at fault. */
  readonly entry: number | null;
  readonly detail: string;
}

export interface Verification {
  readonly isValid: boolean;
  /** In the order of the checks. */
  readonly problems: readonly ReceiptProblem[];
  /** `null` if the document is not a receipt. */
  readonly receipt: Receipt | null;
}

/**
 * Checks a receipt without a server: the chain of its entries, its signature, and whether the machine, given these entries,
 * leads to what is stated.
 *
 * @param keys the issuer's public keys. Which of them a receipt names proves nothing by itself
 */
export async function verifyReceipt(document: unknown, keys: Jwks): Promise<Verification> {
  const receipt = parseReceipt(document);
  if (typeof receipt === 'string') {
    return { isValid: false, problems: [problem('form', `this is not a receipt: ${receipt}`)], receipt: null };
  }
  const problems = [
    ...chainProblems(receipt),
    ...(await signatureProblems(receipt, keys)),
    ...machineProblems(receipt),
  ];
  return { isValid: problems.length === 0, problems, receipt };
}

/** Parses a receipt. Returns what is wrong with the document if it is not one. */
function parseReceipt(document: unknown): Receipt | string {
  try {
    const { data: receipt, error } = Receipt.safeParse(document);
    if (receipt === undefined) {
      const [issue] = error?.issues ?? [];
      const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
      return `${where}${issue?.message ?? ''}`;
    }
    // Parsing leaves out a member `__proto__`, which nothing vouches for.
    return toCanonicalJson(receipt) === toCanonicalJson(document) ? receipt : 'it has a member that cannot be signed';
  } catch (error) {
    if (error instanceof RangeError) return 'it is nested too deeply';
    throw error;
  }
}

const problem = (check: ReceiptProblem['check'], detail: string, entry: number | null = null): ReceiptProblem => ({
  check,
  entry,
  detail,
});

/** Each entry is checked against the hash before it, so one change is reported at one entry. */
function chainProblems({ statement, entries }: Receipt): ReceiptProblem[] {
  const { chain } = statement;
  const problems: ReceiptProblem[] = [];
  if (firstHash(statement) !== chain.first) {
    const what = 'the user, the account type, the machine version, the policy or the start';
    problems.push(problem('chain', `${what} differs from what the entries were chained to`));
  }
  let before = { number: 0, hash: chain.first };
  for (const [index, link] of entries.entries()) {
    const { number } = link;
    if (number !== before.number + 1) {
      return [...problems, problem('chain', misplaced(number, before.number, entries), number)];
    }
    if (number > chain.entries) {
      const detail = `entry ${number} was added: the statement names ${chain.entries} entries`;
      return [...problems, problem('chain', detail, number)];
    }
    const hash = linkHash(before.hash, link);
    if (hash !== link.hash) problems.push(problem('chain', `entry ${number} was changed`, number));
    const next = entries[index + 1];
    const isHashDue = next === undefined ? hash === chain.last : linkHash(hash, next) === next.hash;
    // If only the hash was changed, the next entries still agree with the right one.
    before = isHashDue ? { number, hash } : link;
  }
  const isWhole = before.number === chain.entries && before.hash === chain.last;
  if (problems.length > 0 || isWhole) return problems;
  if (before.number < chain.entries) {
    const missing = before.number + 1;
    return [problem('chain', `entry ${missing} is missing: the statement names ${chain.entries} entries`, missing)];
  }
  return [problem('chain', 'the last hash differs from the statement’s: entries were changed and chained again')];
}

function misplaced(number: number, before: number, entries: Receipt['entries']): string {
  const due = before + 1;
  return entries.some((link) => link.number === due)
    ? `entry ${number} is in the place of entry ${due}: the order was changed`
    : `entry ${due} is missing before entry ${number}`;
}

async function signatureProblems({ statement, signature }: Receipt, keys: Jwks): Promise<ReceiptProblem[]> {
  const [header = '', payload, bytes = '', ...rest] = signature.split('.');
  if (payload !== '' || rest.length > 0)
    return [problem('signature', 'the signature is not a JWS with a detached payload')];
  // The bits that base64url leaves over are not part of the signature.
  if (Buffer.from(bytes, 'base64url').toString('base64url') !== bytes)
    return [problem('signature', 'the signature is not base64url')];
  const signed = Buffer.from(toCanonicalJson(statement)).toString('base64url');
  try {
    const jws = `${header}.${signed}.${bytes}`;
    const { protectedHeader } = await compactVerify(jws, createLocalJWKSet(keys), {
      algorithms: ['EdDSA'],
    });
    if (protectedHeader.typ === RECEIPT_TYPE) return [];
    return [problem('signature', `the signature is one of '${protectedHeader.typ}', not of a receipt`)];
  } catch (error) {
    if (error instanceof errors.JOSEError) return [problem('signature', explainSignature(error, header, keys))];
    // Web Crypto's error for an invalid key.
    if (error instanceof DOMException)
      return [problem('signature', `the key '${keyIdOf(header)}' of the issuer is not an Ed25519 key`)];
    throw error;
  }
}

function explainSignature(error: errors.JOSEError, header: string, keys: Jwks): string {
  const key = keyIdOf(header);
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return `the signature does not match the statement under the key '${key}': one of the three was changed`;
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    const known = keys.keys.map(({ kid }) => `'${kid}'`).join(', ');
    return `the key '${key}' is none of the issuer's keys: ${known === '' ? 'none was given' : known}`;
  }
  return `the signature cannot be read: ${error.message}`;
}

/** The key that a signature names, without any verification. */
function keyIdOf(header: string): string {
  try {
    const { kid } = decodeProtectedHeader(`${header}..`);
    return kid ?? '';
  } catch {
    return '';
  }
}

/** Runs the entries through the machine again, and compares what they lead to with what is stated. */
function machineProblems({ statement, entries }: Receipt): ReceiptProblem[] {
  if (statement.machineVersion !== MACHINE_VERSION) {
    const detail = `the entries are of version ${statement.machineVersion} of the state machine, and this release has version ${MACHINE_VERSION}: verify the receipt with a release of that version`;
    return [problem('machine', detail)];
  }
  try {
    const record = { start: startOf(statement), entries: parseLog(entries.map(({ entry }) => entry)) };
    const run = describeRecord(record, Date.parse(statement.issuedAt)).statement;
    const isSame = (reached: unknown, stated: unknown) => toCanonicalJson(reached) === toCanonicalJson(stated);
    const results = (['state', 'revision'] as const)
      .filter((field) => !isSame(run[field], statement[field]))
      .map((field) => problem('machine', `the entries lead to the ${field} ${run[field]}, not to ${statement[field]}`));
    if (isSame(run.verified, statement.verified)) return results;
    const channelsOf = ({ verified }: Pick<Statement, 'verified'>) => verified.map(({ channel }) => channel);
    const channel = [...channelsOf(run), ...channelsOf(statement)].find(
      (each) => !isSame(verificationOf(run, each), verificationOf(statement, each)),
    );
    const [reached, stated] = [run, statement].map((each) => verificationOf(each, channel));
    const say = (each: object | null | undefined) => (each == null ? 'nothing' : toCanonicalJson(each));
    const detail = `the statement says ${say(stated)} of ${channel} where the entries say ${say(reached)}`;
    return [...results, problem('machine', detail, reached?.entry ?? null)];
  } catch (error) {
    if (error instanceof EntryRejected) return [problem('machine', error.message, error.entry)];
    // A changed policy may be invalid.
    return [problem('machine', `the machine cannot run the entries: ${String(error)}`)];
  }
}

const verificationOf = ({ verified }: Pick<Statement, 'verified'>, channel: string | undefined) =>
  verified.find((each) => each.channel === channel) ?? null;

function startOf({ userId, accountType, policy, start }: Statement): JourneyInput {
  // The policy is signed as the journey carried it.
  const input = { userId, accountType, policy: policy as object as Policy, at: start.at };
  if (start.restarted === null) return input;
  const { by, reason, carried, supersedes } = start.restarted;
  const inherited = carried === null ? {} : { carried: parseCarried({ ...carried, log: [] }) };
  const link = supersedes === undefined ? {} : { supersedes };
  return { ...input, restarted: { by: by as Actor, reason, ...link, ...inherited } };
}
