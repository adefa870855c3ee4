import type { Command } from 'commander';
import { escapeText } from '../../../workflows/journey/status/text.ts';
import { deploymentEnvironment } from '../../config/deployment-environment.ts';
import { policySettings, readVariable } from '../../config/env.ts';
import type { Check } from '../../doctor/index.ts';
import { addCommand } from '../context.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../errors.ts';
import { endpointFor, temporalEnvironment } from '../gateway.ts';
import { openClient } from './temporal.ts';

/** Adds `doctor`. It imports its dependencies on use, since loading those takes a second. */
export function addDoctorCommand(program: Command, context: CliContext): void {
  const description = 'Checks everything that journeys depend on, and prints a fix for each problem';
  const failedOnly = "doctor --json | jq '.[] | select(.ok == false)'";
  addCommand(program, 'doctor', description, 'doctor', failedOnly).action(async () => {
    const environment = deploymentEnvironment(context.env);
    if (environment !== undefined) context.showEnvironment(environment);
    const checks: Check[] = [];
    for await (const check of findChecks(context)) {
      if (!context.out.isDocument) context.out.writeLine(printCheck(context, check));
      checks.push(check);
    }
    context.out.writeDocument(checks);
    if (checks.some(({ ok }) => ok === false)) context.exit = exitCodes.failed;
  });
}

/** Checks Temporal and the workers directly if this environment has the encryption keys. Otherwise checks what the gateway reports of them. */
async function* findChecks(context: CliContext): AsyncGenerator<Check, void> {
  const { checkGateway, checkThroughGateway, runChecks } = await import('../../doctor/index.ts');
  const endpoint = () => endpointFor(context.env, 'viewer');
  const hasKeys = readVariable(temporalEnvironment(context.env), 'ONWARD_ENCRYPTION_KEYS') !== undefined;
  if (!hasKeys) return yield* checkThroughGateway(endpoint);
  const { reconcile } = policySettings(context.env);
  const client = await openClient(context);
  try {
    yield* runChecks(client, { reconcile });
  } finally {
    await client.connection.close();
  }
  yield* checkGateway(endpoint);
}

function printCheck({ out: { colours } }: CliContext, { name, ok, found, fix }: Check): string {
  const mark = { true: colours.green('ok     '), false: colours.red('wrong  '), skipped: colours.dim('skipped') }[
    `${ok}` as const
  ];
  return `${mark} ${name}: ${escapeText(found)}${fix === null ? '' : `\n        ${colours.bold(`fix: ${fix}`)}`}`;
}
