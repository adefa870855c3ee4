import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { root } from '../../architecture/imports.ts';
import { defences } from './catalogue.ts';
import { cannots } from './page.ts';

/**
 * Takes out one defence after the other, in a copy of the project, and expects that the test fails which docs/security.md names for it.
 * `npm run defences` takes about an hour; `npm run defences -- --testNamePattern 'audit'` tries some.
 */

/** A run that hangs has noticed it as well. */
const LIMIT_MS = 240_000;
const COPIED =
  /^(activities|bench|client|deploy|docs|packages|sandbox|test|worker|workflows|[^/]+\.(json|js|yml|md))(\/|$)/;

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'onward-defences-'));
  const filter = (path: string) => path === root || COPIED.test(path.slice(root.length + 1));
  await cp(root, copy, { recursive: true, filter });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  // A defence that is taken out may leave names that nothing uses.
  const settings = join(copy, 'tsconfig.json');
  const text = await readFile(settings, 'utf8');
  await writeFile(settings, text.replaceAll(/"(noUnused\w+)": true/g, '"$1": false'));
});
afterAll(() => rm(copy, { recursive: true, force: true }));

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

/** Runs a program. Its child processes end with it. Resolves to whether it has succeeded. */
async function run(program: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(program, args, { cwd: copy, detached: true, stdio: 'ignore' });
  const stop = () => void (child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'));
  const limit = setTimeout(stop, LIMIT_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(limit);
  return code === 0;
}

/** Runs the test of a row. `undefined` if it hangs. */
async function runTest({ file, name }: { file: string; name: string }): Promise<Outcome | undefined> {
  const report = join(copy, 'report.json');
  await rm(report, { force: true });
  // Names of tests for several values have placeholders.
  const pattern = name.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&').replaceAll(/%[a-z]/g, '.*');
  const args = [
    'node_modules/jest/bin/jest.js',
    file,
    '--testNamePattern',
    pattern,
    '--json',
    `--outputFile=${report}`,
  ];
  await run(process.execPath, args);
  const text = await readFile(report, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(text) as Record<string, number>;
  return { passed: passed ?? 0, failed: failed ?? 0 };
}

it.each(Object.keys(defences))(
  'notices that nothing keeps an attacker from this: %s',
  async (cannot) => {
    const test = cannots.find((row) => row.cannot === cannot);
    const edits = defences[cannot] ?? [];
    const before = new Map<string, string>();
    for (const { file, from, to } of edits) {
      const text = await readFile(join(copy, file), 'utf8');
      if (!before.has(file)) before.set(file, text);
      await writeFile(join(copy, file), text.split(from).join(to));
    }
    try {
      expect(await run('npm', ['run', '--silent', 'build'])).toBe(true);
      const outcome = await runTest(test ?? { file: '', name: '' });
      const isNoticed = outcome === undefined || outcome.failed > 0;
      // Jest reports only at the end of the file. On a busy machine, a run may also have been slow.
      const verdict = outcome === undefined ? 'noticed, or too slow' : isNoticed ? 'noticed' : 'NOT NOTICED';
      process.stderr.write(`${verdict}: ${cannot}\n`);
      expect({ outcome, isNoticed }).toEqual({ outcome, isNoticed: true });
    } finally {
      for (const [file, text] of before) await writeFile(join(copy, file), text);
    }
  },
  2 * LIMIT_MS + 60_000,
);
