/**
 * Runs a process's main part: that not all was well becomes the exit code, and a failure one plain line.
 * Where nobody reads any more, as under `| head`, what was started is taken down all the same.
 */
export async function run(process: NodeJS.Process, main: () => Promise<boolean | void>): Promise<void> {
  process.stdout.on('error', () => {});
  try {
    process.exitCode = (await main()) === false ? 1 : 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
