import type { Command } from 'commander';
import { operationFacts, operationTarget } from '../../../workflows/journey/commands.ts';
import type { Operation, OperationReport } from '../../http-client/index.ts';
import { addCommand, connectClient, operationArgument, printReply, reasonArgument } from '../context.ts';
import type { CliContext } from '../context.ts';
import { confirm, withYesOption } from '../options/confirmation.ts';
import type { ConfirmationOptions } from '../options/confirmation.ts';
import { escapeReply } from '../output/escape.ts';

interface DecisionOptions extends ConfirmationOptions {
  readonly digest?: string;
}

const DIGEST = 'decide only if the operation has this digest, as `operations show` printed it';

/** Adds `operations approve` and `operations reject`. */
export function addDecisionCommands(group: Command, context: CliContext): void {
  const approve = addCommand(
    group,
    'approve',
    'Approves a bulk operation that another operator asked for; it begins at once',
    'operations approve 0b5a1f86-… checked with the on-call',
  );
  withYesOption(approve)
    .addArgument(operationArgument())
    .addArgument(reasonArgument())
    .option('--digest <digest>', DIGEST)
    .action(async (id: string, reason: string[], { digest }: DecisionOptions) => {
      const client = connectClient(context, 'operator');
      const operation = await client.operation(id, { limit: 1 });
      if (operation.state === 'awaitingApproval') await confirm(context, approve, questionOf(escapeReply(operation)));
      const request = { digest: digest ?? operation.digest, reason: reason.join(' ') };
      printDecided(context, await client.approveOperation(id, request));
    });
  addCommand(
    group,
    'reject',
    'Rejects a bulk operation that another operator asked for; it sends nothing',
    'operations reject 0b5a1f86-… wrong filter',
  )
    .addArgument(operationArgument())
    .addArgument(reasonArgument())
    .option('--digest <digest>', DIGEST)
    .action(async (id: string, reason: string[], { digest }: DecisionOptions) => {
      const client = connectClient(context, 'operator');
      const request = {
        digest: digest ?? (await client.operation(id, { limit: 1 })).digest,
        reason: reason.join(' '),
      };
      printDecided(context, await client.rejectOperation(id, request));
    });
}

function questionOf({ command, expected, by, reason, filter, webhooks }: OperationReport) {
  const facts = operationFacts(command);
  const requestText = `${by.name} asks for it: ${reason}. Filter: ${JSON.stringify(webhooks ?? filter)}.`;
  const target = `${expected} ${operationTarget(command, expected)}`;
  return { facts: { ...facts, effect: `${facts.effect} ${requestText}` }, target };
}

function printDecided(context: CliContext, decided: Operation): void {
  printReply(context, decided, (shown) => {
    const { command, expected, approval, id } = shown;
    const target = `${expected} ${operationTarget(command, expected)}`;
    context.out.writeLine(`${approval?.decision?.decision}: ${command} for ${target}`);
    if (approval?.decision?.decision === 'approved') context.out.writeLine(`onward operations show ${id} --watch`);
  });
}
