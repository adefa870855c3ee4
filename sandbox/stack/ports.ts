import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '../process/free-ports.ts';

/** Returns the port of the previous start; `undefined` if there was none, or another process uses it now. */
export async function reusePort(before: number | undefined): Promise<number | undefined> {
  return before !== undefined && (await isFree(before)) ? before : undefined;
}

const TIMEOUT_MS = 7_000;

/** Waits until a port is free, at most 7 s. */
export async function waitUntilFree(port: number): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (Date.now() < deadline && !(await isFree(port))) await pause(100);
}

function isFree(port: number): Promise<boolean> {
  return freePorts([port]).then(
    () => true,
    () => false,
  );
}
