import { CommanderError } from 'commander';
import { OnwardError } from '../errors.ts';
import { Problem } from '../http/index.ts';
import { SettingError } from '../settings.ts';
import { Nowhere } from './doors.ts';
import { Unanswered } from './keyed.ts';
import { tellAllowed } from './tell.ts';

/** What a script learns from the exit code. */
export const exits = { done: 0, failed: 1, misuse: 2, notNow: 3 } as const;

/** What went wrong, for a program: the gateway's problem, or a code and a detail of our own. */
export function failureOf(error: unknown): object {
  if (error instanceof Unanswered) return { ...failureOf(error.problem), key: error.key };
  if (error instanceof Problem) {
    const { code, status, detail, field, retryAfter, state, step, allowed, retryAt } = error;
    return { code, status, detail, field, retryAfter, state, step, allowed, retryAt };
  }
  return { code: codeOf(error), detail: wordsOf(error) };
}

function codeOf(error: unknown): string {
  if (error instanceof OnwardError) return error.code;
  if (error instanceof Nowhere) return 'unreachable';
  return exitOf(error) === exits.misuse ? 'misuse' : 'failed';
}

/** What went wrong, for a person. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof Problem) || error.allowed === null) return error.message;
  return `${error.message}; ${tellAllowed(error.allowed, error.state)}`;
}

export function exitOf(error: unknown): number {
  if (error instanceof SettingError || error instanceof CommanderError) return exits.misuse;
  if (!(error instanceof Problem)) return exits.failed;
  if (error.code === 'not_now' || error.code === 'cooling_down') return exits.notNow;
  return error.code === 'bad_request' ? exits.misuse : exits.failed;
}
