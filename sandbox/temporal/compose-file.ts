import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** The settings that differ between the container and a server on this machine. */
export interface LocalSettings {
  readonly port: number;
  /** `null` for no Web UI. */
  readonly uiPort: number | null;
  /** `null` for a database in memory. */
  readonly dbFile: string | null;
}

/** Returns the arguments for `temporal` of a service in a Compose file. Throws if the file has no such list. */
export async function composeArguments(file: string, service = 'temporal'): Promise<string[]> {
  const content: unknown = parse(await readFile(file, 'utf8'));
  const command = field(field(field(content, 'services'), service), 'command');
  if (!Array.isArray(command)) throw new Error(`${file} must have a list of arguments in services.${service}.command`);
  return command.map(String);
}

/** Returns every value of a flag, in the forms `--flag=value` and `--flag value`. */
export function valuesOf(args: readonly string[], flag: string): string[] {
  return args.flatMap((arg, at) => {
    if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)];
    return args[at - 1] === flag ? [arg] : [];
  });
}

/** Converts the container's arguments for a server on this machine that listens on loopback only. */
export function adaptArguments(args: readonly string[], { port, uiPort, dbFile }: LocalSettings): string[] {
  // SQLite in memory does not accept pragmas for files.
  const replaced = ['--ip', '--port', '--ui-port', '--db-filename', ...(dbFile === null ? ['--sqlite-pragma'] : [])];
  return [
    ...replaced.reduce<readonly string[]>(without, args),
    '--ip=127.0.0.1',
    `--port=${port}`,
    uiPort === null ? '--headless' : `--ui-port=${uiPort}`,
    ...(dbFile === null ? [] : [`--db-filename=${dbFile}`]),
  ];
}

function without(args: readonly string[], flag: string): string[] {
  return args.filter((arg, at) => arg !== flag && args[at - 1] !== flag && !arg.startsWith(`${flag}=`));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
