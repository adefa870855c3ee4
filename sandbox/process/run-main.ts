/**
 * Runs the main function of a process and sets the exit code: 0, or 1 if it returns `false` or throws. Prints an error as one line.
 *
 * If standard output cannot be written, the main function still runs to its end, so that its cleanup happens. A closed pipe, such as
 * with `| head`, is not a failure; any other write error, such as a full disk, is one, since the result was not shown.
 */
export async function run(process: NodeJS.Process, main: () => Promise<boolean | void>): Promise<void> {
  let unwritable: Error | undefined;
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || unwritable !== undefined) return;
    unwritable = error;
    process.exitCode = 1;
    process.stderr.write(`standard output cannot be written: ${error.message}\n`);
  });
  let isGood = false;
  try {
    isGood = (await main()) !== false;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  process.exitCode = isGood && unwritable === undefined ? 0 : 1;
}
