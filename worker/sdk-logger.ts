import type { LogLevel, LogMetadata, Logger } from '@temporalio/common';
import type { Level, Logger as Log } from 'pino';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const satisfies {
  [L in LogLevel]: Level;
};

/** Writes the logs of the SDK and its core to our logger. Task tokens are removed, because anyone could complete the task with one. */
export function sdkLogger(log: Log): Logger {
  const write = (level: LogLevel, message: string, { taskToken: _, ...meta }: LogMetadata = {}) =>
    log[levels[level]](meta, message);
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
