import { z } from 'zod';
import { evidenceKinds } from '../../workflows/journey/context.ts';
import { AccountType, Channel, State, time } from '../../workflows/journey/status/status-schema.ts';

/**
 * The form of a receipt. The gateway sends it, its client has its types, and `verify` parses by it: nothing else may be in a
 * receipt, since nothing would vouch for it.
 */

export const RECEIPT_FORMAT = 'onward-receipt/1';

const hash = z.string().describe('SHA-256 in base64url.');
const actor = z.strictObject({ role: z.string(), name: z.string() });
const number = z.int().min(1).describe('The position of an entry in the log; the first one is 1.');

const Verified = z.strictObject({
  channel: Channel,
  evidence: z
    .enum(evidenceKinds)
    .describe('By a code that the user entered, by the record of the provider, or by an operator.'),
  at: time,
  entry: number,
  by: actor.nullable().describe('The operator; `null` unless an operator marked the channel as verified.'),
  reason: z.string().nullable().describe('The reason of the operator.'),
});

const Statement = z.strictObject({
  format: z.literal(RECEIPT_FORMAT),
  issuedAt: time,
  userId: z.string(),
  accountType: AccountType,
  state: State,
  revision: z.int().describe('The revision of the status that the entries lead to.'),
  verified: z.array(Verified).describe('The channels that are verified, in the order in which they were.'),
  machineVersion: z.int().min(1).describe('The version of the state machine that the entries were run through.'),
  policy: z
    .looseObject({})
    .describe('The policy that the journey carries: limits in counts, durations in milliseconds.'),
  start: z.strictObject({
    at: z.int().describe('Milliseconds since 1970.'),
    restarted: z
      .strictObject({
        by: actor,
        reason: z.string(),
        supersedes: z.string().optional().describe('The user id whose journey this one supersedes.'),
        carried: z.looseObject({}).nullable().describe('The counters of the last day that it inherited.'),
      })
      .nullable()
      .describe('Who restarted the journey, if it is not the first one of the person.'),
  }),
  chain: z
    .strictObject({ entries: z.int().min(1), first: hash, last: hash })
    .describe('The ends of the chain of hashes.'),
});

export const Receipt = z
  .strictObject({
    statement: Statement,
    entries: z.array(
      z.strictObject({
        number,
        hash: hash.describe('SHA-256 in base64url over the hash before, the number and the entry.'),
        entry: z.looseObject({ type: z.string(), at: z.int() }).describe('An event of the journey, without a code.'),
      }),
    ),
    signature: z
      .string()
      .describe('JWS with a detached payload (RFC 7515, appendix F): the statement as canonical JSON (RFC 8785).'),
  })
  .describe('Signed evidence of what was verified, when and how.')
  .meta({ id: 'Receipt' });

export type Receipt = z.output<typeof Receipt>;
export type Statement = Receipt['statement'];
export type ChainLink = Receipt['entries'][number];
export type VerifiedChannel = Statement['verified'][number];

/** The public keys that receipts are verified with (RFC 7517, RFC 8037). */
export const Jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) });

export type Jwks = z.output<typeof Jwks>;
