#!/usr/bin/env node
import { processModule } from './installation/processes.ts';
import { exitOnUnwritableOutput } from './output/write-errors.ts';
import { run } from './run.ts';

const args = process.argv.slice(2);

try {
  const module = processModule(args);
  if (module === undefined) {
    exitOnUnwritableOutput(process);
    process.exitCode = await run(args, process.env, process.stdout, process.stderr);
  } else {
    await import(module.href);
  }
} catch (error) {
  process.stderr.write(`onward: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
