import { Option } from 'commander';
import type { Command } from 'commander';
import { accountTypes } from '../../../workflows/journey/account-types.ts';
import { stallReasons } from '../../../workflows/journey/stall-reasons.ts';
import { searchableSteps } from '../../../workflows/search-attributes.ts';
import { states } from '../../../workflows/journey/status/status.ts';
import type { OperationRequest } from '../../http-client/index.ts';

export type Filter = OperationRequest['filter'];

/** Adds the options of a journey filter. */
export function withFilterOptions(command: Command): Command {
  return command
    .addOption(new Option('--state <state>', 'only journeys in this state').choices(states))
    .addOption(new Option('--step <step>', 'only journeys at this step').choices(searchableSteps))
    .addOption(new Option('--reason <reason>', 'only journeys stalled for this reason').choices(stallReasons))
    .addOption(new Option('--account-type <type>', 'only journeys of this account type').choices(accountTypes))
    .option('--user-id <user>', 'only the journey of this user');
}

/** Adds the option of a list and its count that bulk operations do not take. */
export function withPrefixOption(command: Command): Command {
  return command.option('--user-id-prefix <start>', 'only users whose id starts with this');
}

/** Returns the filter fields of the options. */
export function filterOf({ state, step, reason, accountType, userId }: Filter): Filter {
  return { state, step, reason, accountType, userId };
}
