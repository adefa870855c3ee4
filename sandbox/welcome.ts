import pc from 'picocolors';
import type { Stack } from './stack.ts';

/** What `npm start` says when everything is up. Secrets that were given are not among it. */
export function welcome(
  { gatewayAddress, sfox, uiAddress, fresh }: Stack,
  folder: string,
  providerUrl: string | undefined,
): string {
  return [
    '',
    pc.bold(pc.green('Onward is up.')),
    `  gateway    ${pc.cyan(gatewayAddress ?? 'none')}, its document: ${pc.cyan(`${gatewayAddress}/openapi.json`)}`,
    `  Temporal   ${uiAddress === null ? 'the given server' : `its pages: ${pc.cyan(uiAddress)}`}`,
    `  provider   ${sfox === null ? providerUrl : `the simulator, ${pc.cyan(`${sfox.url}/sandbox`)}`}`,
    `  kept in    ${folder}`,
    ...secrets(fresh, folder),
    '',
    pc.bold('Type here:'),
    '  start ada                   then:  outbox ada   code ada email <code>   status ada   timeline ada',
    '  start acme.business business       a label behind the name brings its fate: bob.both-verified, eve.lost-reply',
    '  help                               all commands',
    ...elsewhere(sfox?.url),
    '',
    'Ctrl-C stops everything; journeys go on at the next start.',
    '',
  ].join('\n');
}

function secrets(fresh: Stack['fresh'], folder: string): string[] {
  if (fresh.length === 0) return [];
  const lines = fresh.map(({ name, value }) => `  ${name}=${value}`);
  return ['', `Made now, shown this once, kept in ${folder}/made.json:`, ...lines];
}

function elsewhere(simulator: string | undefined): string[] {
  if (simulator === undefined) return [];
  return [
    '',
    pc.bold('In another terminal:'),
    `  curl '${simulator}/sandbox/outbox?user=ada'                     her codes`,
    `  curl ${simulator}/sandbox/outage -d '{"on":true}'             the provider is away for all`,
    `  curl ${simulator}/sandbox                                     all labels and switches`,
  ];
}
