import { randomUUID } from 'node:crypto';
import { Option } from 'commander';
import type { Command } from 'commander';
import { Problem } from '../http/index.ts';

/** What a word takes that is carried out once under a key. */
export interface Keyed {
  readonly key: string;
}

/** Lets a word be repeated safely: it always has a key. */
export function keyed(command: Command): Command {
  const does = 'idempotency key: the same request under it is carried out once';
  return command.addOption(new Option('--key <key>', does).default(randomUUID(), 'a random one'));
}

/** Nobody has answered what was told under a key: it may yet be carried out. */
export class Unanswered extends Error {
  readonly problem: Problem;
  readonly key: string;

  constructor(problem: Problem, key: string) {
    const later = 'it may still be carried out once a worker is back';
    super(`${problem.detail}; ${later}, and the same command with --key ${key} tells what came of it`);
    this.problem = problem;
    this.key = key;
  }
}

/**
 * Tells something under a key.
 *
 * @throws Unanswered with the key under which the outcome can be asked for
 */
export async function under<T>(key: string, tell: (options: { idempotencyKey: string }) => Promise<T>): Promise<T> {
  try {
    return await tell({ idempotencyKey: key });
  } catch (error) {
    throw error instanceof Problem && error.code === 'unavailable' ? new Unanswered(error, key) : error;
  }
}
