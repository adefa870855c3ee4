import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { journeyDocument, withPicture } from '../../client/diagram/document.ts';
import { insidePending } from '../../client/diagram/mermaid.ts';
import { nodes, ways } from '../../client/diagram/nodes.ts';
import { delayMeanings } from '../../client/diagram/policy.ts';
import { defaultSettings, parsePolicy } from '../../client/settings.ts';
import { onboarding } from '../../workflows/machine.ts';
import { defaultPolicy } from '../../workflows/policy.ts';
import { compile } from './compile.ts';
import { root } from './imports.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const readme = read('README.md');
const stale = 'is not what the machine says: run npm run docs';
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

describe('docs/journey.md', () => {
  it('is what the machine says', () => {
    const written = read('docs/journey.md') === journeyDocument();
    expect(written || `docs/journey.md ${stale}`).toBe(true);
  });

  it('has a description of every state', () => {
    expect(
      nodes()
        .filter(({ description }) => description === undefined)
        .map(({ id }) => id),
    ).toEqual([]);
    expect(Object.keys(delayMeanings)).toEqual(Object.keys(onboarding.implementations.delays));
  });

  it('may say that both channels have the same steps', () => {
    const [email, sms] = ['emailPending', 'smsPending'].map((state) =>
      ways()
        .filter(({ from }) => from[0] === state)
        .map(({ from, on, guard, to }) => [from.slice(1), on, guard, insidePending(to, 2)]),
    );
    expect(email).toEqual(sms);
  });
});

describe('the README', () => {
  it('has the picture of the machine', () => {
    const drawn = withPicture(readme) === readme;
    expect(drawn || `the picture of README.md ${stale}`).toBe(true);
  });

  it('shows code that compiles', async () => {
    const [example = ''] = blocks('ts');
    expect(example).toContain('Onward');
    expect(await compile(example)).toBe('');
  });

  it('shows the defaults of the policy, every key of it', () => {
    const [text = ''] = blocks('yaml');
    expect(parsePolicy(text)).toEqual(defaultSettings);
    const keys = [...Object.keys(defaultPolicy), 'rates', 'recovery', 'events'];
    const missing = keys.filter((key) => !text.includes(`${key}:`));
    expect(missing).toEqual([]);
  });

  it('names commands, files and folders that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const commands = [...readme.matchAll(/npm run (\w+)/g)].map(([, name = '']) => name);
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
    const named = [...readme.matchAll(/^\| `(\w+\/)`/gm)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(5);
    expect([...links, ...named].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
