import { Option } from 'commander';
import type { Command } from 'commander';
import { stallReasons } from '../../workflows/context.ts';
import { listedSteps } from '../../workflows/listing.ts';
import { states } from '../../workflows/status.ts';
import type { OperationRequest } from '../http/index.ts';

export type Filter = OperationRequest['filter'];

/** The options of a filter. */
export function filtered(command: Command): Command {
  return command
    .addOption(new Option('--state <state>', 'only those in this state').choices(states))
    .addOption(new Option('--step <step>', 'only those at this step').choices(listedSteps))
    .addOption(new Option('--reason <reason>', 'only those stalled for this').choices(stallReasons))
    .addOption(new Option('--account-type <type>', 'only those of this type').choices(['individual', 'business']))
    .option('--user-id <user>', 'only this user’s');
}

/** What was given of a filter. */
export function filterOf({ state, step, reason, accountType, userId }: Filter): Filter {
  return { state, step, reason, accountType, userId };
}
