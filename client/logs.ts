import type { LoggerOptions } from 'pino';
import { stdTimeFunctions } from 'pino';
import type { LogLevel } from './environment.ts';

/** How every process logs: a line of JSON for each event, its level by name, its time as RFC 3339. */
export function logOptions(service: string, level: LogLevel): LoggerOptions {
  return {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: errorFields, error: errorFields },
  };
}

interface ErrorFields {
  readonly name: string;
  readonly type?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

/** An error without its own fields: those of a failure hold what its workflow was about. */
function errorFields(error: unknown): ErrorFields | string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  return {
    name,
    ...('type' in error && typeof error.type === 'string' && { type: error.type }),
    message,
    ...(stack !== undefined && { stack }),
    ...(cause instanceof Error && { cause: errorFields(cause) as ErrorFields }),
  };
}
