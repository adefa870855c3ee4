import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../architecture/imports.ts';

/** What a program has written, and its exit code. */
export interface ProgramResult {
  readonly exit: number;
  readonly output: string;
}

/** Runs a program to its end; a failure is a result. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { cwd, env: { ...process.env, ...env } }, (_, stdout, stderr) =>
      resolve({ exit: child.exitCode ?? 1, output: stdout + stderr }),
    );
  });
}

/** Packs the package in a folder of this repository, as `npm publish` would, and returns the path of the archive. */
export async function pack(folder: string, into: string, ...options: readonly string[]): Promise<string> {
  const { exit, output } = await run('npm', ['pack', '--pack-destination', into, ...options], join(root, folder));
  const name = output
    .trim()
    .split('\n')
    .find((line) => /^[\w-]+-\d+\.\d+\.\d+\.tgz$/.test(line.trim()));
  if (exit !== 0 || name === undefined) throw new Error(`npm pack failed: ${output}`);
  return join(into, name.trim());
}

/** A project with nothing in it, outside of this repository, so that only what is installed can be found. */
export async function emptyProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'onward-project-'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  return folder;
}

/**
 * Unpacks an archive into the project and links its declared dependencies from this repository, since to download three hundred
 * packages takes minutes. An undeclared dependency of the package is not found.
 */
export async function unpack(archive: string, project: string, name: string): Promise<void> {
  const folder = join(project, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  const { exit, output } = await run('tar', ['-xzf', archive, '--strip-components=1', '-C', folder], project);
  if (exit !== 0) throw new Error(output);
  const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  await Promise.all(Object.keys(dependencies).map((each) => link(each, project)));
}

/** Links a package of this repository into the project. */
export async function link(name: string, project: string): Promise<void> {
  const path = join(project, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(join(root, 'node_modules', name), path, 'dir');
}

/** The three ways in which TypeScript finds a package. */
export const resolutions = [
  ['nodenext', { module: 'nodenext' }],
  ['node16', { module: 'node16' }],
  ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
] as const;

/** Type-checks files of a project; returns what the compiler reports. */
export async function typeCheck(project: string, files: readonly string[], options: object): Promise<string> {
  const compilerOptions = { target: 'es2023', strict: true, noEmit: true, ...options };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const { output } = await run(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', project],
    project,
  );
  return output;
}
