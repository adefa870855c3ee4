import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject } from './http.ts';
import type { SavedScripts } from './scripts.ts';
import type { SavedUsers } from './users.ts';

/** What outlives a restart. */
export interface Saved extends SavedUsers {
  version: 1;
  scripts: SavedScripts;
}

/** Takes a file, gives what was saved there, or `undefined` when there is none. A file of another kind is an error. */
export function load(file: string): Saved | undefined {
  if (!existsSync(file)) return undefined;
  const saved = parse(readFileSync(file, 'utf8'));
  if (isSaved(saved)) return saved;
  throw new Error(`${file} was not written by this sandbox; delete it to begin anew`);
}

/** Keeps what `take` gives in a file, some time after each change and at the end. */
export class Keeper {
  readonly #file: string;
  readonly #take: () => Saved;
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string, take: () => Saved) {
    this.#file = file;
    this.#take = take;
  }

  /** Says that something changed; many changes become one writing. */
  changed(): void {
    this.#timer ??= setTimeout(() => this.#tryFlush(), 200);
  }

  /** Writes now. The file is put in place whole, and readable by its owner alone, since it holds codes. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#take()), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  #tryFlush(): void {
    try {
      this.flush();
    } catch {
      // A full disk must not end a demonstration; the flush at the end reports it.
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Looks at the version alone: a file of this version was written whole, by this folder. */
function isSaved(value: unknown): value is Saved {
  return isObject(value) && value['version'] === 1;
}
