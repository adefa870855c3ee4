import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join, resolve } from 'node:path';
import { layOut } from './layout.ts';

/**
 * Puts beside the compiled pages what needs no compiling: the page itself, its style, the machine laid out, and Preact as its
 * makers have built it. It is run from the project's own folder.
 */
const [from, to] = [resolve('client/console/pages'), resolve('dist/client/console/pages')];
const { resolve: find } = createRequire(import.meta.url);

/** What the pages import by a bare name, and the file that the import map gives for it. */
const packages = {
  preact: ['preact/dist/preact.mjs', 'preact.js'],
  'preact/hooks': ['preact/hooks/dist/hooks.mjs', 'preact-hooks.js'],
  'preact/jsx-runtime': ['preact/jsx-runtime/dist/jsxRuntime.mjs', 'preact-jsx-runtime.js'],
} as const;

for (const name of await readdir(from)) {
  if (['.css', '.svg'].includes(extname(name))) await copyFile(join(from, name), join(to, name));
}
const folder = resolve(find('preact/package.json'), '../..');
for (const [source, name] of Object.values(packages)) {
  const code = await readFile(join(folder, source), 'utf8');
  await writeFile(join(to, name), code.replace(/\n?\/\/# sourceMappingURL=.*/, ''));
}
await writeFile(join(to, 'machine.json'), JSON.stringify(await layOut()));

const imports = Object.fromEntries(Object.entries(packages).map(([name, [, file]]) => [name, `/console/${file}`]));
const modules = (await readdir(to)).filter((name) => extname(name) === '.js');
const page = await readFile(join(from, 'index.html'), 'utf8');
const written = page
  .replace('<!-- imports -->', `<script type="importmap">${JSON.stringify({ imports })}</script>`)
  // All of them at once, instead of each when the one before has named it.
  .replace(
    '<!-- modules -->',
    modules.map((name) => `<link rel="modulepreload" href="/console/${name}" />`).join('\n    '),
  );
await writeFile(join(to, 'index.html'), written);
