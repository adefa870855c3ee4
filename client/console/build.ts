import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { stateFacts, states } from '../../workflows/journey/states.ts';
import { createDefinition } from '../docs/definition.ts';
import { computeLayouts } from './layout.ts';

/**
 * Copies to the compiled pages what is not compiled: the HTML page, the styles, the diagram layout, the machine's definition, and Preact's own builds.
 * Run it from the repository root.
 */
const [from, to] = [resolve('client/console/pages'), resolve('dist/client/console/pages')];
const { resolve: find } = createRequire(import.meta.url);

/** The import map: for each bare specifier, its source (a file of a package or of this repository) and the file it is served as. */
const packages = {
  '#channels': [resolve('dist/workflows/journey/channels.js'), 'onward/workflows/journey/channels.js'],
  '#commands': [resolve('dist/workflows/journey/commands.js'), 'onward/workflows/journey/commands.js'],
  '#format-time': presentation('format-time'),
  '#headline': presentation('headline'),
  '#labels': presentation('labels'),
  '#operation-text': presentation('operation-text'),
  'eventsource-parser': ['eventsource-parser/dist/index.js', 'eventsource-parser/index.js'],
  'eventsource-parser/stream': ['eventsource-parser/dist/stream.js', 'eventsource-parser/stream.js'],
  uplot: ['uplot/dist/uPlot.esm.js', 'uplot.js'],
  preact: ['preact/dist/preact.mjs', 'preact.js'],
  'preact/hooks': ['preact/hooks/dist/hooks.mjs', 'preact-hooks.js'],
  'preact/jsx-runtime': ['preact/jsx-runtime/dist/jsxRuntime.mjs', 'preact-jsx-runtime.js'],
} as const;

/** The HTTP client and what it imports, in the same folders below this one, so that its relative imports resolve. */
const CLIENT_FOLDER = 'onward';
const clientModules = [
  ...['client', 'index', 'paths', 'problem', 'request', 'sse', 'subscribe'].map(
    (name) => `client/http-client/${name}.js`,
  ),
  'client/errors.js',
  'client/validation.js',
  'workflows/journey/status/text.js',
];
const clientImports = {
  'onward/client': `${CLIENT_FOLDER}/client/http-client/index.js`,
  '#http-request': `${CLIENT_FOLDER}/client/http-client/request.js`,
};

for (const name of await readdir(from, { recursive: true })) {
  if (!['.css', '.svg'].includes(extname(name))) continue;
  await mkdir(dirname(join(to, name)), { recursive: true });
  await copyFile(join(from, name), join(to, name));
}
const folder = resolve(find('preact/package.json'), '../..');
await copyFont(join(folder, '@fontsource-variable/inter'));
await copyFile(join(folder, 'uplot/dist/uPlot.min.css'), join(to, 'styles/uplot.css'));
const copies = [
  ...Object.values(packages).map(([source, name]) => [resolve(folder, source), name] as const),
  ...clientModules.map((name) => [resolve('dist', name), join(CLIENT_FOLDER, name)] as const),
];
for (const [source, name] of copies) {
  const code = await readFile(source, 'utf8');
  await mkdir(dirname(join(to, name)), { recursive: true });
  await writeFile(join(to, name), code.replace(/\n?\/\/# sourceMappingURL=.*/, ''));
}
await writeFile(join(to, 'machine.json'), JSON.stringify(await computeLayouts()));
await writeFile(join(to, 'journey.json'), createDefinition());
// Browsers load the facts of the states without the machine.
const statesModule = Object.entries({ states, stateFacts }).map(
  ([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`,
);
await writeFile(join(to, 'states.js'), statesModule);

const files = [
  ['#states', 'states.js'],
  ...Object.entries(packages).map(([name, [, file]]) => [name, file]),
  ...Object.entries(clientImports),
];
const imports = Object.fromEntries(files.map(([name, file]) => [name, `/console/${file}`]));
const modules = (await readdir(to, { recursive: true })).filter((name) => extname(name) === '.js');
const page = await readFile(join(from, 'index.html'), 'utf8');
const written = page
  .replace('<!-- imports -->', `<script type="importmap">${JSON.stringify({ imports })}</script>`)
  // Preloads all modules in parallel, instead of each when its importer is parsed.
  .replace(
    '<!-- modules -->',
    modules.map((name) => `<link rel="modulepreload" href="/console/${name}" />`).join('\n    '),
  );
await writeFile(join(to, 'index.html'), written);

/** A module of `client/presentation`, in the same folder below the one of the HTTP client, so that its relative imports resolve. */
function presentation(name: string) {
  const path = `client/presentation/${name}.js`;
  return [resolve('dist', path), join('onward', path)] as const;
}

/** Copies the typeface: a file for each script, of which a browser loads those that a page needs, and its licence. */
async function copyFont(source: string): Promise<void> {
  const fonts = join(to, 'fonts');
  await mkdir(fonts, { recursive: true });
  const styles = await readFile(join(source, 'wght.css'), 'utf8');
  for (const [, name = ''] of styles.matchAll(/\.\/files\/([\w-]+\.woff2)/g)) {
    await copyFile(join(source, 'files', name), join(fonts, name));
  }
  await copyFile(join(source, 'LICENSE'), join(fonts, 'LICENSE.txt'));
  await writeFile(join(fonts, 'inter.css'), styles.replaceAll('./files/', '/console/fonts/'));
}
