import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { VerificationProvider } from '../../activities/verification-provider.ts';
import { settingError } from '../../client/config/env.ts';

const methods = ['sendCode', 'confirmCode', 'readUser'] as const;

/**
 * Loads the provider of `ONWARD_PROVIDER`: the default export of the module, or what it returns if it is a function.
 *
 * @param file a path; a relative one starts in the working directory
 * @throws SettingError
 */
export async function loadProvider(file: string): Promise<VerificationProvider> {
  const defaultExport = await importDefault(file);
  if (isProvider(defaultExport)) return defaultExport;
  throw settingError(
    'ONWARD_PROVIDER',
    `must name a module whose default export has ${methods.join(', ')}; got ${file}`,
  );
}

async function importDefault(file: string): Promise<unknown> {
  try {
    const { default: exported } = (await import(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown };
    return typeof exported === 'function' ? await (exported as () => unknown)() : exported;
  } catch (error) {
    throw settingError('ONWARD_PROVIDER', `names a module that cannot be loaded: ${file} (${String(error)})`);
  }
}

function isProvider(given: unknown): given is VerificationProvider {
  const object = Object(given) as Partial<Record<(typeof methods)[number], unknown>>;
  return methods.every((name) => typeof object[name] === 'function');
}
