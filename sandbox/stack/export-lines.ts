import { join } from 'node:path';
import type { NewSecret } from './generated-secrets.ts';
import type { Stack } from './stack.ts';

/** The variables of docs/integrating.md with a secret: the setting it is part of, its key in `made.json`, and its position there. */
const secrets = [
  { name: 'ONWARD_TOKEN', of: 'ONWARD_TOKENS', key: 'tokens', part: /app:sandbox:(\S+)/ },
  { name: 'OPERATOR_TOKEN', of: 'ONWARD_TOKENS', key: 'tokens', part: /operator:sandbox:(\S+)/ },
  { name: 'WEBHOOK_SECRET', of: 'ONWARD_WEBHOOK_SECRETS', key: 'webhookSecret', part: /(\S+)/ },
  { name: 'SIMULATOR_KEY', of: 'ENTERPRISE_API_KEY', key: 'apiKey', part: /(\S+)/ },
] as const satisfies readonly { readonly of: NewSecret['name']; readonly [name: string]: unknown }[];

/**
 * Returns the shell commands that set the variables of docs/integrating.md.
 *
 * Only the start that generates a secret shows it; later commands read it from the file. A secret from the environment has no
 * command.
 */
export function exportLines(
  { gatewayAddress, sfox, newSecrets: fresh, generatedNames: kept }: Stack,
  folder: string,
): string[] {
  const file = JSON.stringify(join(folder, 'made.json'));
  const ofSecrets = secrets.flatMap(({ name, of, key, part }) => {
    if (!kept.includes(of)) return [];
    const shown = part.exec(fresh.find((each) => each.name === of)?.value ?? '')?.[1];
    if (shown !== undefined) return [`export ${name}=${shown}`];
    return [`export ${name}="$(node -p ${quote(`require(${file}).${key}.match(${String(part)})[1]`)})"`];
  });
  return [
    `export ONWARD_URL=${gatewayAddress}`,
    ...ofSecrets,
    ...(sfox === null ? [] : [`export SIMULATOR=${sfox.url}`]),
  ];
}

/** Quotes a text as one argument of a shell command. */
export const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
