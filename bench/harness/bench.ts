import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../../sandbox/process/cleanup.ts';
import type { Budget } from './budget.ts';

/** What a section of the benchmark receives. */
export interface Run {
  /** Whether to take fewer measurements, only to check that the benchmark works. */
  readonly quick: boolean;
  readonly say: (line: string) => void;
  readonly budget: Budget;
  /** Saves the figures so far: they are used if the section fails later or is stopped. */
  readonly saveFigures: (figures: unknown) => void;
}

/** Calls `work` with a cleanup list and a temporary folder, and runs the cleanup even if `work` fails. */
export async function withCleanup<T>(work: (cleanup: Cleanup, folder: string) => Promise<T>): Promise<T> {
  const cleanup = new Cleanup();
  const folder = await mkdtemp(join(tmpdir(), 'onward-bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  try {
    return await work(cleanup, folder);
  } finally {
    await cleanup.run();
  }
}
