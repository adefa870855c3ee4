import { exitCodes } from '../errors.ts';

type ProcessStreams = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'exit'>;

/**
 * Exits the process when standard output cannot be written. If the reader has closed the pipe, as `| head` does, it exits
 * silently with 0. On any other error, such as a full disk, it prints a line to stderr and exits 1, so that a script does
 * not mistake missing output for empty output.
 */
export function exitOnUnwritableOutput({ stdout, stderr, exit }: ProcessStreams): void {
  // Nothing can be reported without stderr. The exit code stays.
  stderr.on('error', () => {});
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') exit();
    stderr.write(`onward: standard output cannot be written: ${error.message}\n`);
    exit(exitCodes.failed);
  });
}
