import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject } from './http.ts';
import type { SavedScripts } from './faults/scripts.ts';
import type { SavedUsers } from './users.ts';

/** The state that outlives a restart. */
export interface SimulatorSnapshot extends SavedUsers {
  version: 1;
  scripts: SavedScripts;
}

/** Reads the saved state; `undefined` if the file does not exist. Throws if another program wrote the file. */
export function load(file: string): SimulatorSnapshot | undefined {
  if (!existsSync(file)) return undefined;
  const saved = parse(readFileSync(file, 'utf8'));
  if (isSaved(saved)) return saved;
  throw new Error(`${file} was not written by this sandbox; delete it to start without saved users`);
}

/** Writes the result of `take` to a file, shortly after each change and at the end. */
export class StateFile {
  readonly #file: string;
  readonly #take: () => SimulatorSnapshot;
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string, take: () => SimulatorSnapshot) {
    this.#file = file;
    this.#take = take;
  }

  /** Schedules a write. Several changes result in one write. */
  changed(): void {
    this.#timer ??= setTimeout(() => this.#tryFlush(), 200);
  }

  /** Writes now, atomically. The file is readable only by its owner, since it contains codes. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    mkdirSync(dirname(this.#file), { recursive: true });
    const temporaryFile = `${this.#file}.${randomBytes(6).toString('hex')}`;
    // `wx` follows no symbolic link that another user may have placed there.
    writeFileSync(temporaryFile, JSON.stringify(this.#take()), { mode: 0o600, flag: 'wx' });
    renameSync(temporaryFile, this.#file);
  }

  #tryFlush(): void {
    try {
      this.flush();
    } catch {
      // A full disk must not stop the simulator; the flush at the end reports it.
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

/** Checks only the version: a file of this version was written completely, by this module. */
function isSaved(value: unknown): value is SimulatorSnapshot {
  return isObject(value) && value['version'] === 1;
}
