import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { addCommand } from '../context.ts';

/** The processes that `onward` starts, each by the module that runs it. The CLI does not import them: it depends on none of them. */
const processes = {
  worker: {
    module: new URL('../../../worker/main.js', import.meta.url),
    description: 'Runs a worker until SIGTERM: journeys, requests to the provider, webhook deliveries.',
  },
  gateway: {
    module: new URL('../../gateway/main.js', import.meta.url),
    description: 'Runs a gateway until SIGTERM: the HTTP API and the console.',
  },
  dev: {
    module: new URL('../../../sandbox/start.js', import.meta.url),
    description:
      'Runs the whole stack on this machine until Ctrl-C, with a development Temporal server and an sFOX simulator.',
  },
} as const;

/** Adds the commands to the help. The entry point starts them, before commands are parsed. */
export function addProcessCommands(program: Command): void {
  for (const [name, { description }] of Object.entries(processes)) addCommand(program, name, description, name);
}

/**
 * Returns the module that runs the process of a command line; `undefined` if the command line is for the CLI.
 *
 * @throws Error if this installation does not contain the process
 */
export function processModule([name = '', ...rest]: readonly string[]): URL | undefined {
  if (rest.length > 0 || !isProcess(name)) return undefined;
  const { module } = processes[name];
  if (existsSync(module)) return module;
  throw new Error(
    `this installation has no '${name}': the production image leaves it out; run npx onward ${name} instead`,
  );
}

function isProcess(name: string): name is keyof typeof processes {
  return Object.hasOwn(processes, name);
}
