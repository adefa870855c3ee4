import type { LoggerOptions } from 'pino';
import { stdTimeFunctions } from 'pino';
import type { LogLevel } from '../config/env.ts';

/** Returns the log options of a process: one JSON line per event, the level by name, the time as RFC 3339. */
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

/** Serializes an error without custom fields, which may contain workflow data. */
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
