import { execFile, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Environment } from '../../client/environment.ts';

const main = resolve('dist/client/cli/main.js');

/** What a process left behind. */
export interface Left {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the compiled command line as a process of its own, which knows no variables but those given. */
export function onward(words: readonly string[], env: Environment): Promise<Left> {
  return left(process.execPath, [main, ...words], env);
}

/** Runs a program, with something to read. */
export function left(program: string, words: readonly string[], env: Environment, input = ''): Promise<Left> {
  return new Promise((done) => {
    const child = execFile(program, [...words], { env: { PATH: process.env['PATH'], ...env } }, (_, out, err) => {
      done({ exit: child.exitCode, out, err });
    });
    child.stdin?.end(input);
  });
}

/** Runs the command line on a terminal, as `script` makes one. */
export function onTerminal(words: readonly string[], env: Environment): Promise<string> {
  const command = [process.execPath, main, ...words].join(' ');
  const child = spawn('script', ['-qec', `stty cols 120 rows 40; ${command}`, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  return new Promise((done) => child.once('close', () => done(seen)));
}
