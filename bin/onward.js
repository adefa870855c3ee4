#!/usr/bin/env node
import { existsSync } from 'node:fs';

/** Committed and executable, so that `npx onward` works in a checkout before and after every build. */
const main = new URL('../dist/client/cli/main.js', import.meta.url);

if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('onward: this checkout is not built yet; run: npm ci && npm run build\n');
  process.exitCode = 1;
}
