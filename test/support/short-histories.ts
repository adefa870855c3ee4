import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';

/** The compose file, with a history that is called long after so many events instead of 4,096. */
export async function shortHistories(folder: string, events = 60): Promise<string> {
  const compose = parse(await readFile(resolve('temporal-dev.yml'), 'utf8')) as Compose;
  compose.services.temporal.command.push('--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${events}`);
  const file = join(folder, 'temporal.yml');
  await writeFile(file, stringify(compose));
  return file;
}

interface Compose {
  readonly services: { readonly temporal: { readonly command: string[] } };
}
