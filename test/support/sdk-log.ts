import { Runtime } from '@temporalio/worker';
import type { Logger, LogLevel, LogMetadata } from '@temporalio/worker';

/** The output that the environment of the tests prints if a test fails. */
const lines: string[] = ((globalThis as Record<symbol, unknown>)[Symbol.for('onward.sdkLog')] ??= []) as string[];

function write(level: LogLevel, message: string, meta: LogMetadata = {}): void {
  if (level !== 'WARN' && level !== 'ERROR') return;
  const { error } = meta;
  lines.push(`${level} ${message} ${error instanceof Error ? error.message : JSON.stringify(meta, bigints)}`);
}

const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

const logger: Logger = {
  log: write,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: (message, meta) => write('WARN', message, meta),
  error: (message, meta) => write('ERROR', message, meta),
};

let isInstalled = false;
/** Keeps the SDK's warnings, which tests of failures expect, from the output. The SDK's runtime is one for a process. */
export function quiet(): void {
  if (isInstalled) return;
  isInstalled = true;
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}
