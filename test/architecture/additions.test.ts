import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root } from './imports.ts';
import { applyEdit, recipesIn } from './recipes.ts';

/** The recipes of CONTRIBUTING.md and the number of edits that each may have. */
const EDITS = {
  'Add a channel': 3,
  'Add a state': 2,
  'Add a status field': 2,
  'Add a command': 2,
  'Add a provider reply': 2,
  'Give a provider reply its own meaning': 1,
  'Add an HTTP route': 3,
  'Add a CLI command': 1,
} as const;

/** The recipe that changes what another one has added. It is applied last, so that both are tried. */
const OPTIONAL = 'Give a provider reply its own meaning';

const run = promisify(execFile);
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const recipes = recipesIn(await readFile(join(root, 'CONTRIBUTING.md'), 'utf8'));

/** A copy of the product with all recipes applied but the optional one. */
let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'onward-additions-'));
  const folders = ['activities', 'workflows', 'worker', 'client', 'sandbox', 'bench', 'test/system'];
  const parts = [...folders, 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
  await Promise.all(parts.map((part) => cp(join(root, part), join(copy, part), { recursive: true })));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  await writeFile(
    join(copy, 'tsconfig.additions.json'),
    JSON.stringify({ extends: './tsconfig.build.json', compilerOptions: { incremental: false } }),
  );
  for (const title of recipes.keys()) if (title !== OPTIONAL) await apply(title);
}, 60_000);
afterAll(() => rm(copy, { recursive: true }));

async function apply(title: string): Promise<void> {
  for (const edit of recipes.get(title) ?? []) await applyEdit(copy, edit);
}

/** Runs a script of Node in the copy, and gives its output; what a failure says is in the error. */
async function runInCopy(...args: readonly string[]): Promise<string> {
  const options = { cwd: copy, maxBuffer: 10_000_000 };
  return run(process.execPath, args, options).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => {
      throw new Error(`${stdout}\n${stderr}`);
    },
  );
}

describe('CONTRIBUTING.md', () => {
  it('has a recipe for each kind of addition, as short as it may be', () => {
    const counts = Object.fromEntries([...recipes].map(([title, edits]) => [title, edits.length]));
    expect(counts).toEqual(EDITS);
  });

  it('has recipes that compile', async () => {
    expect(await runInCopy(tsc, '-p', 'tsconfig.additions.json')).toBe('');
    expect(await runInCopy(tsc, '-p', 'client/console/tsconfig.json')).toBe('');
    expect(await runInCopy('dist/client/console/build.js')).toBe('');
  }, 240_000);

  it('has recipes that a journey, the gateway, its client and the CLI follow', async () => {
    await cp(join(root, 'test/architecture/additions-story.js'), join(copy, 'story.js'));
    const story = JSON.parse(await runInCopy('story.js'));
    expect(story.seen).toEqual([
      ['send.blocked', 'emailPending.stalled', 'email'],
      ['retry', 'emailPending.sending', 'email'],
      ['send.sent', 'emailPending.awaitingCode', 'email'],
      ['hold', 'emailPending.paused', 'email'],
      ['resume', 'emailPending.awaitingCode', 'email'],
      ['submitCode', 'emailPending.checkingCode', 'email'],
      ['code.correct', 'smsPending.sending', 'sms'],
      ['send.sent', 'smsPending.awaitingCode', 'sms'],
      ['submitCode', 'smsPending.checkingCode', 'sms'],
      ['code.correct', 'voicePending.sending', 'voice'],
      ['send.sent', 'voicePending.awaitingCode', 'voice'],
      ['submitCode', 'voicePending.checkingCode', 'voice'],
      ['code.correct', 'documentsPending', expect.anything()],
      ['resume', 'done', null],
    ]);
    expect(story.timeline).toEqual(
      expect.arrayContaining([
        'The provider refused to send the e-mail code: 451',
        'Held',
        'The provider sent the voice code',
        'The voice code was correct',
      ]),
    );
    expect(story.channels).toEqual({ email: 'verified', sms: 'verified', voice: 'verified' });
    expect(story.restored).toBe('waiting');
    expect(story.held.allowed).not.toContain('hold');
    expect(story.held.allowed).toContain('resume');
    expect(story.states.items).toEqual(
      expect.arrayContaining(['emailPending', 'smsPending', 'voicePending', 'documentsPending', 'done']),
    );
    expect(story.refused).toEqual({ code: 'bad_request', field: 'reason' });
    expect(story.operations).toEqual(['hold', 'states']);
    expect(story.fields).toEqual(expect.arrayContaining(['voice', 'channelDue']));
    const help = await runInCopy('dist/client/cli/main.js', 'hold', '--help');
    expect(help).toContain('Holds a journey that awaits a code');
    expect(await runInCopy('dist/client/cli/main.js', 'list', '--help')).toContain('documentsPending');
    expect(await runInCopy('dist/client/cli/main.js', 'states', '--help')).toContain('--watch');
  }, 120_000);

  it('lets no reply to a send be without both a detail and a meaning', async () => {
    const path = join(copy, 'activities/contract.ts');
    const contract = await readFile(path, 'utf8');
    const place = "  | { readonly type: 'blocked'";
    expect(contract).toContain(place);
    await writeFile(path, contract.replace(place, `  | { readonly type: 'muted' }\n${place}`));
    const compiled = runInCopy(tsc, '-p', 'tsconfig.additions.json', '--noEmit');
    await expect(compiled).rejects.toThrow(/^workflows\/provider-replies\.ts[^]*'detail' is missing/m);
    await writeFile(path, contract);
  }, 120_000);

  it('has a recipe that gives a reply its own meaning', async () => {
    await apply(OPTIONAL);
    expect(await runInCopy(tsc, '-p', 'tsconfig.additions.json')).toBe('');
    const { seen, timeline } = JSON.parse(await runInCopy('story.js'));
    expect(seen[0]).toEqual(['send.blocked', 'emailPending.stalled', 'email']);
    expect(timeline).toContain('The provider blocks every e-mail code to this user: 451');
  }, 240_000);
});
