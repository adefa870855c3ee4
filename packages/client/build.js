/**
 * Builds the package `onward-client` into `dist/` beside this file: the HTTP client of `client/http-client/` in one file, as ES
 * module and as CommonJS, with its types in one file that imports nothing. Needs the compiled declarations of the repository.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { format } from 'prettier';
import { API, NodeBuilderFlags } from 'typescript/unstable/sync';

const root = join(import.meta.dirname, '../..');
const output = join(import.meta.dirname, 'dist');

const common = {
  entryPoints: [join(root, 'client/http-client/index.ts')],
  bundle: true,
  platform: 'neutral',
  target: 'es2022',
  legalComments: 'none',
  banner: {
    js: '/* Includes eventsource-parser, (c) Espen Hovlandsdal and contributors, MIT licence: see LICENSE. */',
  },
};
await build({ ...common, format: 'esm', outfile: join(output, 'index.js') });
await build({ ...common, format: 'cjs', outfile: join(output, 'index.cjs') });

const declarations = await format(await flatDeclarations(), {
  parser: 'typescript',
  singleQuote: true,
  printWidth: 120,
});
for (const name of ['index.d.ts', 'index.d.cts']) await writeFile(join(output, name), declarations);

const licences = [join(root, 'LICENSE'), join(root, 'node_modules/eventsource-parser/LICENSE')];
const [own, parser] = await Promise.all(licences.map((path) => readFile(path, 'utf8')));
await writeFile(
  join(import.meta.dirname, 'LICENSE'),
  `${own}\n---\n\neventsource-parser, which is included:\n\n${parser}`,
);

/** Joins the declarations of the classes with the types, which are resolved, so that nothing refers to the gateway's schemas. */
async function flatDeclarations() {
  const classes = ['client', 'problem', 'subscribe'].map((name) => `dist/client/http-client/${name}.d.ts`);
  const texts = await Promise.all(classes.map((path) => readFile(join(root, path), 'utf8')));
  const published = new Set(['OnwardClient', 'ClientOptions', 'Call', 'Keyed', 'Problem', 'Body', 'finalStates']);
  const statements = texts.flatMap(statementsOf).filter((text) => published.has(nameOf(text)));
  return [...statements.map((text) => text.replaceAll('types.', '')), ...resolvedTypes(), 'export {};'].join('\n\n');
}

/** The name that a statement declares. */
function nameOf(statement) {
  return /^(?:export )?(?:declare )?(?:class|interface|type|const|function) (\w+)/m.exec(statement)?.[1] ?? '';
}

/** Splits a declaration file into its top-level statements, each with its comment. */
function statementsOf(text) {
  return (
    text.match(
      /(?:^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?^(?:export )?(?:declare|interface|type) (?:.*\{\n[\s\S]*?^\}.*$|.*;$)/gm,
    ) ?? []
  );
}

/** Prints every type of `types.ts` without references to other files; where one contains another as a whole, by its name. */
function resolvedTypes() {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProject: join(root, 'tsconfig.build.json') }).getProjects();
    const file = project?.program.getSourceFile(join(root, 'client/http-client/types.ts'));
    if (file === undefined) throw new Error('client/http-client/types.ts is not part of tsconfig.build.json');
    const { NoTruncation, InTypeAlias, UseSingleQuotesForStringLiteralType } = NodeBuilderFlags;
    const flags = NoTruncation | InTypeAlias | UseSingleQuotesForStringLiteralType;
    const declared = file.statements.filter(({ name }) => name !== undefined);
    const isInterface = (statement) => /^export interface /m.test(statement.getText());
    const aliases = declared
      .filter((statement) => !isInterface(statement))
      .map((statement) => {
        const type = project.checker.getDeclaredTypeOfSymbol(project.checker.getSymbolAtLocation(statement.name));
        const text = project.checker.typeToString(type, undefined, flags);
        return { name: statement.name.text, comment: commentOf(statement), text };
      });
    return [
      ...byName(aliases).map(({ name, comment, text }) => `${comment}export type ${name} = ${text};`),
      ...declared.filter(isInterface).map((statement) => `${commentOf(statement)}${statement.getText()}`),
    ];
  } finally {
    api.close();
  }
}

function commentOf(statement) {
  return /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*(?=export)/.exec(statement.getFullText())?.[0] ?? '';
}

/** Replaces a type inside another by its name, the longest first. Unions stay, since equal ones may mean different things. */
function byName(aliases) {
  const named = aliases.filter(({ text }) => text.startsWith('{ ')).toSorted((a, b) => b.text.length - a.text.length);
  const shorten = (own) =>
    named
      .filter(({ name, text }) => name !== own.name && text !== own.text)
      .reduce((left, { name, text }) => left.replaceAll(text, name), own.text);
  return aliases.map((alias) => ({ ...alias, text: shorten(alias) }));
}
