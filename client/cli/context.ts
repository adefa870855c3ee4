import { Argument } from 'commander';
import type { Command } from 'commander';
import { channels } from '../../workflows/journey/channels.ts';
import type { DeploymentEnvironment } from '../config/deployment-environment.ts';
import type { Environment } from '../config/env.ts';
import type { Role } from '../../workflows/journey/roles.ts';
import { suggestionFor } from './suggestions.ts';
import { completedBy, operationIds, reconciliationIds, userIds, webhookIds } from './completion/sources.ts';
import { createClientFor } from './gateway.ts';
import { withWatchOptions } from './options/watch.ts';
import { escapeReply } from './output/escape.ts';
import type { Output } from './output/output.ts';
import { watchRead } from './output/watch.ts';

/** What every command needs: the environment, the output and the exit code. */
export interface CliContext {
  readonly env: Environment;
  readonly out: Output;
  /** Asks a question at the terminal; `null` if input or output is not a terminal. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** Milliseconds between two reads of `--watch`; `null` without it. */
  watchInterval: number | null;
  /** The exit code of the process. */
  exit: number;
  /** Writes the name of the environment, once and only on a terminal. */
  readonly showEnvironment: (environment: DeploymentEnvironment) => void;
}

type Examples = readonly [string, ...string[]];

/** Adds a command. Its help ends with the examples, each a command line without `onward`. */
export function addCommand(parent: Command, usage: string, description: string, ...examples: Examples): Command {
  const lines = examples.map((example) => `\n  onward ${example}`).join('');
  const command = parent.command(usage).description(description).addHelpText('after', `\nExamples:${lines}`);
  examplesByCommand.set(command, examples);
  return command;
}

const examplesByCommand = new WeakMap<Command, Examples>();

/** Returns the examples of a command, for the documentation. */
export const examplesOf = (command: Command): readonly string[] => examplesByCommand.get(command) ?? [];

/** Adds a command that only reads. It has `--watch`, so print its reply with `printRead`. */
export function addRead(parent: Command, usage: string, description: string, ...examples: Examples): Command {
  return withWatchOptions(addCommand(parent, usage, description, ...examples));
}

/** Adds a command that only reads and has subcommands. An argument that is not a subcommand is an `unknown command` error. */
export function addReadGroup(parent: Command, usage: string, description: string, ...examples: Examples): Command {
  return addRead(parent, usage, description, ...examples)
    .passThroughOptions()
    .allowExcessArguments()
    .hook('preAction', (group, invoked) => {
      const [unknown] = invoked.args;
      if (invoked === group && unknown !== undefined) rejectCommand(group, unknown);
    });
}

/** Rejects an argument that is not a subcommand, and suggests a similar name. */
export function rejectCommand(group: Command, unknown: string): never {
  const names = group.commands.map((each) => each.name());
  return group.error(`error: unknown command '${unknown}'${suggestionFor(unknown, names)}`);
}

export const userArgument = () => completedBy(new Argument('<user>', 'your user id'), userIds);
export const operationArgument = () => completedBy(new Argument('<id>', 'the operation id'), operationIds);
export const reconciliationArgument = () =>
  completedBy(new Argument('<id>', 'the id of the reconciliation'), reconciliationIds);
export const webhookArgument = () => completedBy(new Argument('<id>', 'the webhook-id'), webhookIds);
export const channelArgument = () => new Argument('<channel>', channels.join(' or ')).choices(channels);
export const reasonArgument = () => new Argument('<reason...>', 'the reason, recorded in the audit log');

/** Returns a gateway client with the role that a command needs. Throws as `createClientFor` does. */
export const connectClient = ({ env, showEnvironment }: CliContext, role: Role) =>
  createClientFor(env, role, showEnvironment);

/** Prints a reply in the format of `--output`, or as text with `printText`, whose argument has every string escaped. */
export function printReply<T>({ out }: Pick<CliContext, 'out'>, value: T, printText: (value: T) => void): void {
  if (!out.writeDocument(value)) printText(escapeReply(value));
}

/**
 * Prints what `read` returns, as `printReply` does. With `--watch`, it reads again and prints each change until the value is final.
 *
 * @param isFinal whether the value will not change any more. Default: never
 */
export async function printRead<T>(
  context: CliContext,
  read: () => Promise<T>,
  printText: (value: T) => void,
  isFinal?: (value: T) => boolean,
): Promise<void> {
  const print = (value: T) => printReply(context, value, printText);
  const { watchInterval: interval } = context;
  if (interval === null) print(await read());
  else await watchRead(context.out, read, print, { interval, isFinal });
}
