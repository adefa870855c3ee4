import { resolve } from 'node:path';
import pc from 'picocolors';
import { USUAL_FOLDER } from './settings.ts';
import type { Stack } from './stack.ts';

/** What `npm start` says when everything is up. Secrets that were given are not among it. */
export function welcome(
  { gatewayAddress, sfox, uiAddress, fresh }: Stack,
  folder: string,
  providerUrl: string | undefined,
): string {
  const words = `${whereabouts(folder)}npx onward`;
  return [
    '',
    pc.bold(pc.green('Onward is up.')),
    `  gateway    ${pc.cyan(gatewayAddress ?? 'none')}, its document: ${pc.cyan(`${gatewayAddress}/openapi.json`)}`,
    `  Temporal   ${uiAddress === null ? 'the given server' : `its pages: ${pc.cyan(uiAddress)}`}`,
    `  provider   ${sfox === null ? providerUrl : `the simulator, ${pc.cyan(`${sfox.url}/sandbox`)}`}`,
    `  kept in    ${folder}`,
    ...secrets(fresh, folder),
    '',
    pc.bold('In another terminal, in this folder:'),
    `  ${words} start ada                 begins a journey; a label behind a name brings its fate: bob.both-verified`,
    `  ${words} status ada --watch        draws it while it goes on`,
    ...codes(sfox?.url),
    `  ${words} code ada email <code>     enters one`,
    `  ${words} --help                    all words`,
    ...faults(sfox?.url),
    '',
    'Ctrl-C stops everything; journeys go on at the next start.',
    '',
  ].join('\n');
}

/** What the command line has to be told where it would look elsewhere. */
function whereabouts(folder: string): string {
  if (folder === resolve(USUAL_FOLDER)) return '';
  return `ONWARD_DATA=${/^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`} `;
}

function secrets(fresh: Stack['fresh'], folder: string): string[] {
  if (fresh.length === 0) return [];
  const lines = fresh.map(({ name, value }) => `  ${name}=${value}`);
  return ['', `Made now, shown this once, kept in ${folder}/made.json:`, ...lines];
}

function codes(simulator: string | undefined): string[] {
  return simulator === undefined ? [] : [`  curl '${simulator}/sandbox/outbox?user=ada'   her codes`];
}

function faults(simulator: string | undefined): string[] {
  if (simulator === undefined) return [];
  return [
    '',
    pc.bold('The provider:'),
    `  curl ${simulator}/sandbox/outage -d '{"on":true}'   is away for all, until {"on":false}`,
    `  curl ${simulator}/sandbox                           all labels and switches`,
  ];
}
