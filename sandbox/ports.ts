import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from './temporal/ports.ts';

/** The port that was used before; `undefined` where there was none, or somebody else has it now. */
export async function portAgain(before: number | undefined): Promise<number | undefined> {
  return before !== undefined && (await isFree(before)) ? before : undefined;
}

const PATIENCE = 7_000;

/** Waits until a port is free, 7 s at most. */
export async function untilFree(port: number): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline && !(await isFree(port))) await pause(100);
}

function isFree(port: number): Promise<boolean> {
  return freePorts([port]).then(
    () => true,
    () => false,
  );
}
