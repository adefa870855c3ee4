/** A stored snapshot of some version. Only that version knows its fields. */
export type StoredFields = Readonly<Record<string, unknown>>;

/** Turns what each version has stored into what the next one stores. A step never changes once it is released. */
export interface Migrations {
  readonly [fromVersion: number]: (stored: StoredFields) => StoredFields;
}

/** @throws Error if a step between version 1 and this version is missing or unused */
export function checkMigrations(version: number, migrations: Migrations): void {
  if (!Number.isInteger(version) || version < 1) {
    throw new Error(`the version of a machine must be a whole number from 1 on; got ${version}`);
  }
  for (let from = 1; from < version; from += 1) {
    if (migrations[from] === undefined) {
      throw new Error(`the machine has version ${version}, but no migration leads from version ${from} to ${from + 1}`);
    }
  }
  const beyond = Object.keys(migrations).find((from) => Number(from) >= version);
  if (beyond !== undefined) {
    throw new Error(`a migration from version ${beyond} leads past the machine's version, which is ${version}`);
  }
}

/**
 * Brings a stored snapshot to this version, step by step.
 *
 * @throws Error if it was stored by a newer version: the deployment is at fault. The workflow task fails, and Temporal repeats
 *   it until the right code is deployed.
 */
export function migrate(stored: StoredFields, version: number, migrations: Migrations): StoredFields {
  const from = stored['version'];
  if (from === version) return stored;
  const step = typeof from === 'number' ? migrations[from] : undefined;
  if (typeof from !== 'number' || from > version || step === undefined) {
    throw new Error(
      `the snapshot was stored by version ${String(from)} of the machine, and this code has version ${version}: deploy version ${String(from)} or a newer one that has a migration`,
    );
  }
  return migrate({ ...step(stored), version: from + 1 }, version, migrations);
}
