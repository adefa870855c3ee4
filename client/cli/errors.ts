import { CommanderError } from 'commander';
import { escapeText } from '../../workflows/journey/status/text.ts';
import { OnwardError } from '../errors.ts';
import { formatTimesIn } from '../presentation/format-time.ts';
import { Problem } from '../http-client/index.ts';
import { SettingError } from '../config/policy-file.ts';
import { NoGatewayError } from './gateway.ts';
import { UnconfirmedCommandError } from './options/idempotency-key.ts';
import { printAllowed } from './output/format-status.ts';

/** The exit codes. `notNow`: the command is valid, but not allowed in the journey's present state. */
export const exitCodes = { done: 0, failed: 1, misuse: 2, notNow: 3 } as const;

const notNow: ReadonlySet<string> = new Set([
  'invalid_state',
  'revision_differs',
  'cooling_down',
  'send_budget_spent',
  'not_awaiting_approval',
]);

/** Converts an error to JSON output: the gateway's problem, or a code and a detail of the CLI. */
export function toCliError(error: unknown): object {
  if (error instanceof UnconfirmedCommandError) return { ...toCliError(error.problem), key: error.key };
  if (error instanceof Problem) {
    const { code, status, detail, field, retryAfter, state, step, allowed, retryAt, guessesLeft, revision, newest } =
      error;
    return { code, status, detail, field, retryAfter, state, step, allowed, retryAt, guessesLeft, revision, newest };
  }
  return { code: errorCodeOf(error), detail: error instanceof Error ? error.message : String(error) };
}

function errorCodeOf(error: unknown): string {
  if (error instanceof OnwardError) return error.code;
  if (error instanceof NoGatewayError) return 'unreachable';
  return exitCodeOf(error) === exitCodes.misuse ? 'misuse' : 'failed';
}

/** Formats an error for people. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = formatTimesIn(error instanceof CommanderError ? error.message : escapeText(error.message));
  if (!(error instanceof Problem)) return message;
  return error.allowed === null ? message : `${message}; ${escapeText(printAllowed(error.allowed, error.state))}`;
}

/** Returns the exit code of a command that has failed with this error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof SettingError || error instanceof CommanderError) return exitCodes.misuse;
  if (!(error instanceof Problem)) return exitCodes.failed;
  if (notNow.has(error.code)) return exitCodes.notNow;
  return error.code === 'bad_request' ? exitCodes.misuse : exitCodes.failed;
}
