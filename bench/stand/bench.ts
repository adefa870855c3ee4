import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Undo } from '../../sandbox/undo.ts';
import type { Budget } from './budget.ts';

/** What a section of the bench is given. */
export interface Run {
  /** Less of everything: to see that it works, not to quote. */
  readonly quick: boolean;
  readonly say: (line: string) => void;
  readonly budget: Budget;
  /** Puts down the figures so far: they stand where what comes after fails, or is stopped. */
  readonly keep: (figures: unknown) => void;
}

/** Gives work a folder and a list of what is to be taken down, and takes it down whatever comes of it. */
export async function onStage<T>(work: (undo: Undo, folder: string) => Promise<T>): Promise<T> {
  const undo = new Undo();
  const folder = await mkdtemp(join(tmpdir(), 'onward-bench-'));
  undo.add(() => rm(folder, { recursive: true, force: true }));
  try {
    return await work(undo, folder);
  } finally {
    await undo.all();
  }
}
