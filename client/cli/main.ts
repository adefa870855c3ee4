#!/usr/bin/env node
import { run } from './run.ts';

// Nobody may read any more, as behind `| head`.
process.stdout.on('error', () => process.exit());

process.exitCode = await run(process.argv.slice(2), process.env, process.stdout, process.stderr);
