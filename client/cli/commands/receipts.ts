import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { channelFacts } from '../../../workflows/journey/channels.ts';
import { jwksOf } from '../../receipts/keys.ts';
import { renderReceipt } from '../../receipts/page.ts';
import { Jwks } from '../../receipts/schema.ts';
import type { Statement } from '../../receipts/schema.ts';
import { verifyReceipt } from '../../receipts/verify.ts';
import type { Verification } from '../../receipts/verify.ts';
import { addCommand, connectClient, printReply, userArgument } from '../context.ts';
import type { CliContext } from '../context.ts';
import { parsePositiveInteger } from '../options/numbers.ts';
import { ownReceiptKeys } from '../gateway.ts';

interface ExportArguments {
  readonly at?: number;
  readonly texts?: boolean;
}

interface VerifyOptions {
  readonly keys?: Jwks;
}

/** Adds `receipt`, and `receipt verify`, which needs no server. */
export function addReceiptCommands(program: Command, context: CliContext): void {
  const receipt = addCommand(
    program,
    'receipt',
    'Prints signed evidence of what was verified, as JSON or as a page',
    'receipt ada > ada.receipt.json',
    'receipt ada --html > ada.html',
  )
    .addArgument(userArgument())
    .option('--html', 'print an HTML page to read')
    .action(async (user: string, { html = false }: { html?: boolean }) => {
      const issued = await connectClient(context, 'viewer').receipt(user);
      // Not escaped: the file is verified byte for byte after it is parsed, and a page escapes its own texts.
      if (html) context.out.stream.write(renderReceipt(issued));
      else context.out.writeLine(JSON.stringify(issued, null, 2));
    });
  const example = 'receipt verify ada.receipt.json --keys jwks.json';
  addCommand(receipt, 'verify', 'Verifies a receipt offline. Exits 1 if it is not valid.', example)
    .argument('<file>', 'the receipt, as JSON', readText)
    .option(
      '--keys <file>',
      "the issuer's public keys, saved from /.well-known/jwks.json; without it, those of ONWARD_RECEIPT_KEYS or of npm start",
      readJwks,
    )
    .action(async (text: string, { keys }: VerifyOptions) => {
      const verification = await verifyText(text, keys ?? jwksOf(ownReceiptKeys(context.env)));
      const { isValid, problems, receipt: verified } = verification;
      const printed = { valid: isValid, problems, statement: verified?.statement ?? null };
      printReply(context, printed, () => printVerification(context, verification));
      if (!isValid) context.exit = 1;
    });
}

/** Adds `export`. */
export function addExportCommand(program: Command, context: CliContext): void {
  const description = 'Exports a journey as an anonymised file, which becomes a test in test/exported/';
  addCommand(program, 'export', description, 'export ada --at 7 > test/exported/stalled-by-a-refusal.json')
    .addArgument(userArgument())
    .option('--at <revision>', 'the revision of the last status to include', parsePositiveInteger)
    .option('--texts', 'keep the reasons of operators and the texts of the provider, which may name people')
    .action(async (user: string, { at, texts = false }: ExportArguments) => {
      const exported = await connectClient(context, 'viewer').export(user, { at, ...(texts && { texts: 'keep' }) });
      context.out.writeLine(JSON.stringify(exported, null, 2));
    });
}

function printVerification({ out }: CliContext, { isValid, problems, receipt }: Verification): void {
  for (const { check, detail } of problems) out.writeLine(`not valid: ${detail} (${check})`);
  if (isValid && receipt !== null) for (const line of summaryOf(receipt.statement)) out.writeLine(line);
}

function summaryOf({ userId, state, issuedAt, chain, verified }: Statement): string[] {
  return [
    `valid: ${userId}, ${state}, ${chain.entries} entries, issued at ${issuedAt}`,
    ...verified.map(({ channel, evidence, at, by, reason, entry }) => {
      const who = by === null ? '' : ` ${by.name} (${reason ?? ''})`;
      return `${channelFacts[channel].label}: verified at ${at} by ${evidence}${who}, entry ${entry}`;
    }),
  ];
}

/** A file that is not JSON is a receipt that is not valid: perhaps it was cut off. */
async function verifyText(text: string, keys: Jwks): Promise<Verification> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return badForm(`the file is not JSON: it is damaged, or its end is missing: ${why}`);
  }
  if (countMembers(text) !== countMembers(JSON.stringify(document))) {
    return badForm('the file names a member twice, and readers do not agree which of the two counts');
  }
  return verifyReceipt(document, keys);
}

const badForm = (detail: string): Verification => ({
  isValid: false,
  problems: [{ check: 'form', entry: null, detail }],
  receipt: null,
});

/** Outside of strings, a colon is between the name of a member and its value. Names must be unique (RFC 8259, section 4). */
const countMembers = (json: string) => json.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').split(':').length;

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidArgumentError(`must be a file that can be read: ${error instanceof Error ? error.message : ''}`);
  }
}

function readJwks(path: string): Jwks {
  const text = readText(path);
  try {
    return Jwks.parse(JSON.parse(text));
  } catch {
    // Neither the position of a mistake nor its kind helps a person who has saved the wrong file.
  }
  throw new InvalidArgumentError('must be a JSON Web Key Set, such as {"keys":[…]}.');
}
