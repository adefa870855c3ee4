import { readFile } from 'node:fs/promises';

/** CPU time and memory of a process, from `/proc`: Linux only. */

/** Milliseconds of a clock tick, on every Linux that Node supports. */
const TICK_MS = 10;

/** Returns the CPU time of a process in milliseconds. */
export async function readCpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Returns the resident memory of a process in bytes. */
export const readMemoryBytes = (pid: number) => readStatusBytes(pid, 'VmRSS');

/** Returns the most resident memory that a process has had, in bytes. */
export const readPeakMemoryBytes = (pid: number) => readStatusBytes(pid, 'VmHWM');

async function readStatusBytes(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1_024;
}
