import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

// The shell waits on a pipe nobody writes to. The system closes it when this process ends, whatever ended it. Then it
// asks, looks once a second whether that was heard, and kills at last.
const watch = `
  read -r _
  kill -s TERM -- "$0"
  for second in 1 2 3 4 5; do sleep 1; kill -s 0 -- "$0" || exit; done
  kill -s KILL -- "$0"
`;

/**
 * Sees to it that a process of ours does not outlive us, even when we are killed and run no code any more.
 * Takes a process id, or a negative one for a whole process group; gives a function that ends the watch.
 */
export function guard(target: number): () => void {
  const shell = spawn('/bin/sh', ['-c', watch, String(target)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.once('error', () => {});
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return () => {
    // The shell goes first: closing its pipe would set it off.
    shell.kill('SIGKILL');
    shell.stdin.destroy();
  };
}
