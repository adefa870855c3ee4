import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** What differs between the container and a server on this machine. */
export interface Here {
  readonly port: number;
  /** `null` for no web pages. */
  readonly uiPort: number | null;
  /** `null` for a database in memory. */
  readonly dbFile: string | null;
}

/** The arguments a service of a compose file gives to `temporal`. Throws when the file has no such list. */
export async function composeArguments(file: string, service = 'temporal'): Promise<string[]> {
  const content: unknown = parse(await readFile(file, 'utf8'));
  const command = field(field(field(content, 'services'), service), 'command');
  if (!Array.isArray(command)) throw new Error(`${file} has no list of arguments at services.${service}.command`);
  return command.map(String);
}

/** Every value given to a flag, as `--flag=value` or `--flag value`. */
export function valuesOf(args: readonly string[], flag: string): string[] {
  return args.flatMap((arg, at) => {
    if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)];
    return args[at - 1] === flag ? [arg] : [];
  });
}

/** The container's arguments, for a server on this machine that only this machine can reach. */
export function argumentsHere(args: readonly string[], { port, uiPort, dbFile }: Here): string[] {
  // SQLite in memory takes none of the settings for files.
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
