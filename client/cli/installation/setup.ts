import { Option } from 'commander';
import type { Command } from 'commander';
import { policySettings } from '../../config/env.ts';
import { readAll } from '../../config/setting-error.ts';
import type { SetupReport } from '../../temporal/setup.ts';
import { addCommand, printReply } from '../context.ts';
import type { CliContext } from '../context.ts';
import { openClient, temporalAccess } from './temporal.ts';

/** Adds `setup` and `diagram`. They import their dependencies on use, since loading those takes a second. */
export function addSetupCommands(program: Command, context: CliContext): void {
  setup(program, context);
  diagram(program, context);
}

function diagram(program: Command, context: CliContext): void {
  const description = 'Prints the state machine as a Mermaid diagram, or its definition as JSON for XState and Stately';
  addCommand(program, 'diagram', description, 'diagram > states.md', 'diagram --format json > journey.json')
    .option('--steps', 'print the steps inside a pending state instead of the states')
    .addOption(new Option('--format <format>', 'mermaid or json').choices(['mermaid', 'json']).default('mermaid'))
    .action(async ({ steps = false, format }: { steps?: boolean; format: string }) => {
      const { createDefinition } = await import('../../docs/definition.ts');
      if (format === 'json') return context.out.writeLine(createDefinition().trimEnd());
      const { statesDiagram, stepsDiagram } = await import('../../docs/mermaid.ts');
      const diagram = steps ? stepsDiagram() : statesDiagram();
      printReply(context, { mermaid: diagram.replace(/^```.*\n?/gm, '') }, () => context.out.writeLine(diagram));
    });
}

function setup(program: Command, context: CliContext): void {
  const description = 'Prepares a Temporal namespace. Safe to repeat.';
  addCommand(program, 'setup', description, 'setup').action(async () => {
    const { setup: setupNamespace } = await import('../../temporal/setup.ts');
    const { settings } = readAll({
      settings: () => policySettings(context.env),
      temporal: () => temporalAccess(context),
    });
    const { policy, recovery, reconcile } = settings;
    const client = await openClient(context);
    const report = await setupNamespace(client, { recovery, reconcile, callTimeout: policy.callTimeout }).finally(() =>
      client.connection.close(),
    );
    printReply(context, report, (shown) => context.out.writeLine(printSetup(shown)));
    if (report.mistyped.length > 0) context.exit = 1;
  });
}

function printSetup({
  namespace,
  existing,
  added,
  mistyped,
  retentionDays,
  retentionRaised,
  schedule,
  reconciliation,
}: SetupReport): string {
  return [
    `namespace ${namespace}`,
    `  search attributes: ${added.length} added, ${existing.length} already existed`,
    ...(mistyped.length > 0 ? [`  wrong type, use another namespace: ${mistyped.join(', ')}`] : []),
    `  retention: ${retentionDays} days${retentionRaised ? ', raised' : ''}`,
    `  recovery: ${schedule}`,
    `  reconciliation: ${reconciliation}`,
  ].join('\n');
}
