import { createLogUpdate } from 'log-update';
import type { Output } from './output.ts';
import { poll } from './watch.ts';

/** The progress of an operation, a reconciliation or a what-if. */
export interface Progress {
  readonly done: number;
  /** `null` while it is not counted yet. */
  readonly total: number | null;
}

const POLL_MS = 1_000;
const BAR_WIDTH_CHARS = 30;

/** Whether an operation or a reconciliation will not change any more. */
export const hasEnded = ({ state }: { readonly state: string }) =>
  ['stopped', 'rejected', 'expired', 'failed', 'done'].includes(state);

/** Waits until work has ended, with a progress bar on a terminal. Returns the last report. */
export async function waitForEnd<T extends Progress>(
  out: Output,
  read: () => Promise<T>,
  isFinal: (report: T) => boolean,
): Promise<T> {
  const draw = out.isTerminal ? createLogUpdate(out.stream) : undefined;
  let last: T | undefined;
  try {
    for await (const report of poll(read, { interval: POLL_MS, isFinal })) {
      draw?.(progressBar(report));
      last = report;
    }
  } finally {
    draw?.clear();
    draw?.done();
  }
  return last ?? (await read());
}

/** Formats progress as a bar with its numbers. */
export function progressBar({ done, total }: Progress): string {
  if (total === null) return `${'░'.repeat(BAR_WIDTH_CHARS)} ${done}, not yet counted`;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.floor(share * BAR_WIDTH_CHARS);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH_CHARS - filled)} ${done} of ${total} (${Math.floor(share * 100)} %)`;
}

/** Describes the result of a stop: how much was done before, and whether commands in flight are still carried out. */
export function stoppedText({ state, done, total }: Progress & { readonly state: string }): string {
  const of = total === null ? `${done}` : `${done} of ${total}`;
  if (state === 'stopped') return `stopped after ${of}`;
  if (state === 'done') return `nothing to stop: it is done, ${of}`;
  if (state === 'rejected' || state === 'expired') return 'nothing to stop: it was not approved';
  if (state === 'failed') return `nothing to stop: it has failed after ${of}`;
  return `stopping: ${of} done; the commands in flight are still carried out`;
}
