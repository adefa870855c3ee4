import { execFile, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { Writable } from 'node:stream';
import type { Environment } from '../../../client/config/env.ts';
import { run } from '../../../client/cli/run.ts';

const main = resolve('dist/client/cli/main.js');

/** The result of a process. */
export interface ProcessResult {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of the CLI as its process does, in the process of the test: a second sooner than a process of its own. */
export async function runCommand(words: readonly string[], env: Environment): Promise<ProcessResult> {
  const [out, err] = [new Pipe(), new Pipe()];
  const exit = await run(words, env, out as Writable as NodeJS.WriteStream, err);
  return { exit, out: out.text, err: err.text };
}

/** Standard output or standard error where no terminal is. */
class Pipe extends Writable {
  text = '';

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs the compiled CLI in a child process with the given environment variables only. */
export function runCli(words: readonly string[], env: Environment): Promise<ProcessResult> {
  return runProcess(process.execPath, [main, ...words], env);
}

/** Runs a program with text on standard input. */
export function runProcess(
  program: string,
  words: readonly string[],
  env: Environment,
  input = '',
): Promise<ProcessResult> {
  return new Promise((done) => {
    const child = execFile(program, [...words], { env: { PATH: process.env['PATH'], ...env } }, (_, out, err) => {
      done({ exit: child.exitCode, out, err });
    });
    child.stdin?.end(input);
  });
}

/** Runs the CLI in a pseudo-terminal, which `script` creates. */
export function runInTerminal(words: readonly string[], env: Environment): Promise<string> {
  const command = [process.execPath, main, ...words].join(' ');
  const child = spawn('script', ['-qec', `stty cols 120 rows 40; ${command}`, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  return new Promise((done) => child.once('close', () => done(seen)));
}
