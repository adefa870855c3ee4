import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './imports.ts';

/** Compiles a text as if it lay in the project's root; gives what the compiler says, nothing where it is content. */
export async function compile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'onward-compile-'));
  try {
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'text.ts'), text.replaceAll("'./", `'${root}/`));
    const typeRoots = [join(root, 'node_modules/@types')];
    const imports = { rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true };
    const compilerOptions = { rootDir: '/', typeRoots, ...imports };
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['text.ts'] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    return await compilerOutput(['-p', folder]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function compilerOutput(args: readonly string[]): Promise<string> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, ...args], (error, stdout, stderr) =>
      resolve(error === null ? '' : `${stdout}${stderr}`),
    );
  });
}
