import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

// The shell reads from a pipe that is never written to. The operating system closes it when this process ends, even by SIGKILL.
// Then the shell sends SIGTERM, checks once a second whether the target has exited, and sends SIGKILL after five seconds.
const watch = `
  read -r _
  kill -s TERM -- "$0"
  for second in 1 2 3 4 5; do sleep 1; kill -s 0 -- "$0" || exit; done
  kill -s KILL -- "$0"
`;

/**
 * Ends a process when this one ends, even if this one is killed and cannot run any cleanup.
 *
 * @param target a process id, or the negative id of a process group
 * @returns a function that cancels this
 */
export function killWithParent(target: number): () => void {
  const shell = spawn('/bin/sh', ['-c', watch, String(target)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.once('error', () => {});
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return () => {
    // The shell is killed first: closing its pipe would trigger it.
    shell.kill('SIGKILL');
    shell.stdin.destroy();
  };
}
