import { resolve } from 'node:path';
import pc from 'picocolors';
import { exportLines, quote } from './stack/export-lines.ts';
import { DEFAULT_FOLDER } from './config.ts';
import { LABELS } from './sfox/faults/labels.ts';
import type { Stack } from './stack/stack.ts';

/** Returns the text that `npm start` prints once the stack runs. It contains no secret from the environment. */
export function welcomeText(stack: Stack, folder: string, providerUrl: string | undefined): string {
  const { gatewayAddress, loginLink, sfox, uiAddress, temporalAddress, statusUrl, newSecrets: fresh } = stack;
  const command = `${dataVariable(folder)}npx onward`;
  return [
    '',
    pc.bold(pc.green('Onward is up.')),
    `  gateway    ${pc.cyan(gatewayAddress ?? 'none')}; OpenAPI: ${pc.cyan(`${gatewayAddress}/openapi.json`)}`,
    `  console    ${pc.cyan(`${gatewayAddress}/console`)}; ${login(loginLink)}`,
    `  Temporal   ${pc.cyan(temporalAddress)}${uiAddress === null ? ', from TEMPORAL_ADDRESS' : `; Web UI: ${pc.cyan(uiAddress)}`}`,
    `  provider   ${sfox === null ? providerUrl : `sFOX simulator, ${pc.cyan(`${sfox.url}/sandbox`)}`}`,
    `  webhooks   ${statusUrl === null ? 'status changes are not sent: ONWARD_STATUS_URL is not set' : `status changes are sent to ${pc.cyan(statusUrl)}`}`,
    `  data       ${folder}`,
    ...secrets(fresh, folder),
    '',
    pc.bold('To run the examples of docs/integrating.md, paste:'),
    ...exportLines(stack, folder).map((line) => `  ${line}`),
    '',
    pc.bold('In another terminal, in this folder:'),
    `  ${command} start ada                 starts a journey; a label in the id selects a scenario: bob.both-verified`,
    `  ${command} status ada --watch        follows its progress`,
    ...codes(sfox?.url),
    `  ${command} code ada email <code>     submits a code`,
    `  ${command} --help                    lists all commands`,
    ...faults(sfox?.url),
    '',
    'Ctrl-C stops everything. Journeys resume at the next start.',
    '',
  ].join('\n');
}

function login(link: string | null): string {
  if (link === null) return 'log in with an operator token';
  return `log in with the operator token, or once and within an hour with this link:\n             ${pc.cyan(link)}`;
}

/** Returns the variable that the CLI needs to find the folder; empty for the default folder. */
function dataVariable(folder: string): string {
  if (folder === resolve(DEFAULT_FOLDER)) return '';
  return `ONWARD_DATA=${/^[\w./-]+$/.test(folder) ? folder : quote(folder)} `;
}

function secrets(fresh: Stack['newSecrets'], folder: string): string[] {
  if (fresh.length === 0) return [];
  const lines = fresh.map(({ name, value }) => `  ${name}=${value}`);
  return ['', `Generated now, shown only once, stored in ${folder}/made.json:`, ...lines];
}

function codes(simulator: string | undefined): string[] {
  return simulator === undefined ? [] : [`  curl '${simulator}/sandbox/outbox?user=ada'   shows the codes sent to ada`];
}

function faults(simulator: string | undefined): string[] {
  if (simulator === undefined) return [];
  return [
    '',
    pc.bold('The simulator:'),
    `  curl ${simulator}/sandbox/outage -d '{"on":true}'   answers 503 to every call, until {"on":false}`,
    `  curl ${simulator}/sandbox                           lists its control calls, labels and faults, with examples`,
    '',
    pc.bold('Labels, in a user id such as ada.slow:'),
    ...Object.entries(LABELS).map(([name, { description }]) => `  ${name.padEnd(20)} ${description}`),
  ];
}
