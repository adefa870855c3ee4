import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createDefinition } from '../../client/docs/definition.ts';
import { insidePending, statesDiagram, stepsDiagram } from '../../client/docs/mermaid.ts';
import { nodes, stepAt, transitionEdges } from '../../client/docs/transitions.ts';
import type { StateNode } from '../../client/docs/transitions.ts';
import { delayMeanings } from '../../client/docs/tables/policy.ts';
import { defaultSettings, parsePolicy } from '../../client/config/policy-file.ts';
import { createMachine } from 'xstate';
import { steps } from '../../workflows/journey/context.ts';
import { MACHINE_VERSION, onboarding } from '../../workflows/journey/machine.ts';
import { defaultPolicy } from '../../workflows/journey/policy/policy.ts';
import { compile } from './compile.ts';
import { root } from './imports.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const readme = read('README.md');
const stale = 'differs from the machine: run npm run docs';
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

describe('docs/journey.md', () => {
  it('has the diagrams of the states and of the steps, and the README links to it', () => {
    const page = read('docs/journey.md');
    expect(page).toContain(statesDiagram());
    expect(page).toContain(stepsDiagram());
    expect(readme).toContain('](docs/journey.md');
  });

  it('has a description of every state', () => {
    expect(
      nodes()
        .filter(({ description }) => description === undefined)
        .map(({ id }) => id),
    ).toEqual([]);
    expect(Object.keys(delayMeanings)).toEqual(Object.keys(onboarding.implementations.delays));
  });

  it('describes the steps once, because both channels have the same', () => {
    const [email, sms] = ['emailPending', 'smsPending'].map((state) =>
      transitionEdges()
        .filter(({ from }) => from[0] === state)
        .map(({ from, on, guard, to }) => [from.slice(1), on, guard, insidePending(to)]),
    );
    expect(email).toEqual(sms);
  });
});

describe('docs/journey.json', () => {
  const written = read('docs/journey.json');

  it('is the definition of the machine', () => {
    expect(written === createDefinition() || `docs/journey.json ${stale}`).toBe(true);
  });

  it('is a configuration of XState with the same states, facts and transitions', () => {
    const machine = createMachine(JSON.parse(written) as object) as unknown as typeof onboarding;
    const facts = (node: StateNode) => [node.id, node.type, node.description, node.meta, node.tags];
    expect(nodes(machine.root).map(facts)).toEqual(nodes().map(facts));
    expect(transitionEdges(machine.root)).toEqual(transitionEdges());
    expect(machine.version).toBe(String(MACHINE_VERSION));
  });

  it('has every state of the machine described, and every public state and step in its meta', () => {
    for (const node of Object.values(onboarding.states)) {
      expect(node.description).toBeDefined();
      expect(node.meta).toMatchObject({ state: node.key, kind: node.type === 'final' ? 'final' : 'open' });
    }
    expect(new Set(nodes().flatMap(({ path }) => stepAt(path) ?? []))).toEqual(new Set(steps));
  });
});

const asHere = (example: string) =>
  example
    .replace("'onward-client'", "'./client/http-client/index.ts'")
    .replace("'onward/embedded'", "'./worker/embedded.ts'");

describe('the README', () => {
  it('shows code that compiles', async () => {
    const examples = blocks('ts');
    expect(examples).toHaveLength(3);
    for (const example of examples) {
      expect(example).toMatch(/from 'onward(-client|\/embedded)'/);
      expect(await compile(asHere(example))).toBe('');
    }
  });

  it('contains the default of every key of the policy', () => {
    const [text = ''] = blocks('yaml');
    expect(parsePolicy(text)).toEqual(defaultSettings);
    const keys = [...Object.keys(defaultPolicy), 'rates', 'recovery', 'events'];
    const missing = keys.filter((key) => !text.includes(`${key}:`));
    expect(missing).toEqual([]);
  });

  it('names only commands, files and folders that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const commands = [...readme.matchAll(/npm run (\w+)/g)].map(([, name = '']) => name);
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
    const named = [...readme.matchAll(/^\| `(\w+\/)`/gm)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(5);
    expect([...links, ...named].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
