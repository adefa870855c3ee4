import { readVariable, settingError } from './env.ts';
import type { Environment } from './env.ts';

export const environmentColours = ['red', 'yellow', 'green', 'blue', 'magenta', 'gray'] as const;
export type EnvironmentColour = (typeof environmentColours)[number];

/** The name and colour of a deployment. The console and the CLI show them, so that staging and production never look alike. */
export interface DeploymentEnvironment {
  readonly name: string;
  readonly colour: EnvironmentColour;
}

/** The response header that names the environment, as the setting has it. */
export const ENVIRONMENT_HEADER = 'onward-environment';

export const formatEnvironment = ({ name, colour }: DeploymentEnvironment) => `${name}:${colour}`;

/** Parses `name:colour`; `undefined` if it is not valid. */
export function parseEnvironment(text: string): DeploymentEnvironment | undefined {
  const [, name, colour] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,31}):([a-z]+)$/.exec(text) ?? [];
  const known = environmentColours.find((each) => each === colour);
  return name === undefined || known === undefined ? undefined : { name, colour: known };
}

/** Reads the environment; `undefined` if none is configured. */
export function deploymentEnvironment(env: Environment): DeploymentEnvironment | undefined {
  const text = readVariable(env, 'ONWARD_ENVIRONMENT');
  if (text === undefined) return undefined;
  const parsed = parseEnvironment(text);
  if (parsed !== undefined) return parsed;
  const form = `a name of 1 to 32 letters, digits or . _ -, a colon and one of ${environmentColours.join(', ')}`;
  throw settingError('ONWARD_ENVIRONMENT', `must be ${form}, not '${text}'`);
}
