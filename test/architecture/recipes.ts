import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One edit of a recipe: a diff of one place in one file. */
export interface Edit {
  readonly file: string;
  readonly diff: string;
}

/** The recipes of CONTRIBUTING.md by their titles. */
export function recipesIn(page: string): Map<string, readonly Edit[]> {
  const sections = page.split(/^### /m).slice(1);
  const recipes = sections.map((section): [string, Edit[]] => {
    const [title = ''] = section.split('\n');
    const edits = [...section.matchAll(/^\d\. `([^`]+)`[^\n]*\n+ {3}```diff\n([\s\S]*?)\n {3}```/gm)];
    return [title, edits.map(([, file = '', diff = '']) => ({ file, diff: diff.replaceAll(/^ {3}/gm, '') }))];
  });
  return new Map(recipes.filter(([, edits]) => edits.length > 0));
}

/** Applies an edit to a tree. Lines without a mark are its place, which must exist exactly once. */
export async function applyEdit(root: string, { file, diff }: Edit): Promise<void> {
  const path = join(root, file);
  const lines = diff.split('\n').map((line) => ({ mark: line.slice(0, 1), text: line.slice(1) }));
  const linesBut = (mark: string) => lines.filter((line) => line.mark !== mark).map(({ text }) => text);
  const [before, after] = [linesBut('+').join('\n'), linesBut('-').join('\n')];
  if (before === '') {
    if (existsSync(path)) throw new Error(`${file} exists already`);
    await mkdir(dirname(path), { recursive: true });
    return writeFile(path, `${after}\n`);
  }
  const text = await readFile(path, 'utf8');
  const found = text.split(before).length - 1;
  if (found !== 1) throw new Error(`${file} has this place ${found} times, not once:\n${before}`);
  await writeFile(
    path,
    text.replace(before, () => after),
  );
}
