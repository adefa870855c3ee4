import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { supervise } from '../../sandbox/process/supervise.ts';
import type { RunningComponent } from '../../sandbox/process/supervise.ts';
import { waitUntil } from '../support/stack.ts';

interface Child extends RunningComponent {
  readonly pid: number;
}

/** Starts a process that runs until it is killed. */
async function startChild(): Promise<Child> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const ended = once(child, 'exit').then(([code, signal]) => `it exited with ${String(signal ?? code)}`);
  return { pid: child.pid ?? 0, ended, stop: async () => (child.kill(), await ended) };
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('restarts a killed process, reports it, and stops the newest at the end', async () => {
  const lines: string[] = [];
  const pids: number[] = [];
  const start = async () => {
    const child = await startChild();
    pids.push(child.pid);
    return child;
  };
  const { stop } = await supervise({ name: 'It', start, say: (line) => void lines.push(line), delays: [10, 20] });
  for (const count of [2, 3, 4]) {
    process.kill(pids.at(-1) ?? 0, 'SIGKILL');
    await waitUntil(() => pids.length === count, 'it runs again');
  }
  await waitUntil(() => lines.length === 6, 'it has said so');
  expect(lines.filter((_, index) => index % 2 === 0)).toEqual([
    'It is down: it exited with SIGKILL; starting it again in 0.01 s',
    'It is down: it exited with SIGKILL; starting it again in 0.02 s',
    'It is down: it exited with SIGKILL; starting it again in 0.02 s',
  ]);
  expect(lines[1]).toMatch(/^It is up again, after \d+ s$/);
  await stop();
  expect(pids.map(isAlive)).toEqual([false, false, false, false]);
  expect(lines).toHaveLength(6);
});

it('tries again, with the reason in one line, if a start fails', async () => {
  const lines: string[] = [];
  let tries = 0;
  const restart = async () => {
    tries += 1;
    if (tries < 3) throw new Error('the port is in use\nand much more');
    return startChild();
  };
  const say = (line: string) => void lines.push(line);
  const { first, stop } = await supervise({ name: 'It', start: startChild, restart, say, delays: [5, 10, 15] });
  process.kill(first.pid, 'SIGKILL');
  await waitUntil(() => lines.length === 4, 'it runs again');
  expect(lines.slice(1, 3)).toEqual([
    'It is down: the port is in use; starting it again in 0.01 s',
    'It is down: the port is in use; starting it again in 0.015 s',
  ]);
  await stop();
});

it('does not start it again once it is to stop', async () => {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const { first, stop } = await supervise({ name: 'It', start: startChild, say, delays: [3_600_000] });
  process.kill(first.pid, 'SIGKILL');
  await waitUntil(() => lines.length === 1, 'it is down');
  await stop();
  expect(lines).toHaveLength(1);
});

it('throws what the first start throws', async () => {
  const start = () => Promise.reject(new Error('no binary'));
  await expect(supervise<RunningComponent>({ name: 'It', start, say: () => {} })).rejects.toThrow('no binary');
});
