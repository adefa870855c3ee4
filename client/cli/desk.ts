import { Argument } from 'commander';
import type { Command } from 'commander';
import type { Environment } from '../environment.ts';
import { clientFor } from './doors.ts';
import type { Role } from './doors.ts';
import type { Output } from './output.ts';

/** What every word works with. */
export interface Desk {
  readonly env: Environment;
  readonly out: Output;
  /** How the process will end. */
  exit: number;
}

/** Adds a word with its example, without which no help is whole. */
export function word(parent: Command, usage: string, does: string, example: string): Command {
  return parent.command(usage).description(does).addHelpText('after', `\nExample:\n  onward ${example}`);
}

/** A word that says something by itself and has words of its own: what follows it and is none of those is called unknown. */
export function familyWord(parent: Command, usage: string, does: string, example: string): Command {
  return word(parent, usage, does, example)
    .passThroughOptions()
    .allowExcessArguments()
    .hook('preAction', (family, asked) => {
      const [unknown] = asked.args;
      if (asked === family && unknown !== undefined) family.error(`error: unknown command '${unknown}'`);
    });
}

export const userArgument = () => new Argument('<user>', 'your own id of the user');
export const channelArgument = () => new Argument('<channel>', 'which channel').choices(['email', 'sms']);
export const reasonArgument = () => new Argument('<reason...>', 'why, in your own words; it stands in the timeline');

/** The gateway, with the role that a word needs. */
export const door = ({ env }: Desk, role: Role) => clientFor(env, role);

/** Says an answer in JSON where that was asked for, and in words where not. */
export function answer<T>(
  { out }: Desk,
  { json }: { readonly json?: boolean },
  value: T,
  tell: (value: T) => void,
): void {
  if (json === true) out.json(value);
  else tell(value);
}
