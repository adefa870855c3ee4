import type { Migrations } from '../../engine/core/migrations.ts';

/**
 * How a snapshot of each version of the machine becomes one of the next. A step never changes once it is released; a new version of the
 * machine adds one, and `npm run histories` records snapshots for its test.
 */
export const migrations: Migrations = {};
