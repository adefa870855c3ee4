import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const jestGlobals = new URL('jest-globals.js', import.meta.url).href;
let settings;

export async function initialize(data) {
  settings = data;
  await mkdir(data.mapsFolder, { recursive: true });
}

export function resolve(specifier, context, next) {
  return specifier === '@jest/globals' ? { url: jestGlobals, shortCircuit: true } : next(specifier, context);
}

/** Removes the types of the repository's own sources. */
export async function load(url, context, next) {
  if (!url.startsWith(settings.root) || !new URL(url).pathname.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code, map } = await transform(await readFile(filename, 'utf8'), {
    filename,
    sourceMaps: true,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
    configFile: false,
    swcrc: false,
  });
  const mapFile = join(settings.mapsFolder, `${encodeURIComponent(filename)}.map`);
  await writeFile(`${mapFile}.${process.pid}`, map);
  await rename(`${mapFile}.${process.pid}`, mapFile);
  return { format: 'module', source: code, shortCircuit: true };
}
