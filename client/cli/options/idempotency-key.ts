import { randomUUID } from 'node:crypto';
import { Option } from 'commander';
import type { Command } from 'commander';
import { Problem } from '../../http-client/index.ts';
import type { ProblemCode } from '../../http-client/index.ts';

/** The option of a command that takes an idempotency key. */
export interface IdempotencyOptions {
  readonly key: string;
}

/** Adds `--key`, with a random default, so that every command can be repeated safely. */
export function withKeyOption(command: Command): Command {
  const description = 'idempotency key: a repeated request with this key runs once';
  return command.addOption(new Option('--key <key>', description).default(randomUUID(), 'random'));
}

/** The problem codes after which the outcome of a command is unknown. */
const unconfirmed: ReadonlySet<ProblemCode> = new Set([
  'unavailable',
  'unreachable',
  'unexpected_response',
  'internal',
] as const);

/** The outcome of a command is unknown: it may be done already, or still be carried out. */
export class UnconfirmedCommandError extends Error {
  readonly problem: Problem;
  readonly key: string;

  constructor(problem: Problem, key: string) {
    const outcome = 'the command may still be carried out or already be done';
    super(`${problem.detail}; ${outcome}: repeat it with --key ${key} to get its result`);
    this.problem = problem;
    this.key = key;
  }
}

/**
 * Sends a command with an idempotency key.
 *
 * @throws UnconfirmedCommandError with the key to repeat the command with, if its outcome is unknown
 */
export async function withIdempotencyKey<T>(
  key: string,
  send: (options: { idempotencyKey: string }) => Promise<T>,
): Promise<T> {
  try {
    return await send({ idempotencyKey: key });
  } catch (error) {
    throw error instanceof Problem && unconfirmed.has(error.code) ? new UnconfirmedCommandError(error, key) : error;
  }
}
