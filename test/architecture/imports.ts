import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const folders = ['sandbox', 'worker', 'client', 'workflows', 'activities'] as const;
export type Folder = (typeof folders)[number];

/** One import of a source file. */
export interface Import {
  readonly file: string;
  readonly folder: Folder;
  /** A path from the project's root, or the name of a package. */
  readonly what: string;
  readonly typeOnly: boolean;
}

/** The source files of the project, by their path from its root. */
export function sources(): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.[cm]?ts$/.test(path))
      .map((path) => join(folder, path)),
  );
}

/** The text of a source file without its comments. */
export function codeOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s)?(?:([^'";]*?)\sfrom\s+)?'([^']+)'/gm;
const CALL = /\b(?:import|require)\(\s*'([^']+)'\s*\)/g;

/** Every import of the project. */
export function imports(): Import[] {
  return sources().flatMap((file) => {
    const code = codeOf(file);
    const statements = [...code.matchAll(STATEMENT)].map(([, type, names = '', from = '']) =>
      importOf(file, from, type !== undefined || onlyTypes(names)),
    );
    const calls = [...code.matchAll(CALL)].map(([, from = '']) => importOf(file, from, false));
    return [...statements, ...calls];
  });
}

const onlyTypes = (names: string) =>
  /^\{[\s\S]*\}$/.test(names.trim()) &&
  names
    .replace(/[{}]/g, '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .every((name) => name.startsWith('type '));

function importOf(file: string, from: string, typeOnly: boolean): Import {
  const what = from.startsWith('.') ? relative(root, resolve(root, dirname(file), from)) : from;
  return { file, folder: file.split('/')[0] as Folder, what, typeOnly };
}
