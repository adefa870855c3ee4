import type { Command } from 'commander';
import type { CommandFacts } from '../../../workflows/journey/commands.ts';
import type { CliContext } from '../context.ts';

/** The person at the terminal did not confirm the command. */
export class UnconfirmedError extends Error {}

export interface ConfirmationOptions {
  readonly yes?: boolean;
}

/** Adds `--yes` to a command that asks for confirmation. */
export function withYesOption(command: Command): Command {
  return command.option('-y, --yes', 'do not ask for confirmation');
}

/** The command to confirm, from the catalogue, and the user or the journeys that it concerns. */
interface ConfirmationRequest {
  readonly facts: Pick<CommandFacts, 'label' | 'effect' | 'confirmation'>;
  readonly target: string;
}

/**
 * Asks the person at the terminal to confirm a command, if the catalogue requires it. Without a terminal, a command that cannot be undone
 * requires `--yes`. The other commands run without confirmation, so that scripts work.
 *
 * @throws UnconfirmedError
 * @throws CommanderError if `--yes` is required
 */
export async function confirm(
  { ask }: Pick<CliContext, 'ask'>,
  command: Command,
  { facts: { label, effect, confirmation }, target }: ConfirmationRequest,
): Promise<void> {
  if (confirmation === 'none' || command.opts<ConfirmationOptions>().yes === true) return;
  const isTyped = confirmation === 'typed';
  if (ask === null) {
    if (isTyped) command.error('error: this cannot be undone: confirm it with --yes');
    return;
  }
  const question = `${label} ${target}? ${effect}\n${isTyped ? `Type ${target} to confirm:` : '[y/N]'} `;
  const answer = (await ask(question)).trim();
  const isConfirmed = isTyped ? answer === target : /^y(es)?$/i.test(answer);
  if (!isConfirmed) throw new UnconfirmedError('not confirmed; nothing was changed');
}
