import { describe, expect, it } from '@jest/globals';
import { codeOf, folders, imports, sources } from './imports.ts';
import type { Folder, Import } from './imports.ts';

const all = imports();
const describeImport = ({ file, what }: Import) => `${file} imports ${what}`;
const topFolder = (path: string) => path.split('/')[0] as Folder;
const isOurs = ({ what }: Import) =>
  what.startsWith('../') || folders.includes(topFolder(what)) || what.startsWith('test/');
const isWithin = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
/** Imports that leave a folder for another file of the project. */
const leaving = (folder: string) =>
  all.filter((each) => isWithin(folder)(each.file) && isOurs(each) && !isWithin(folder)(each.what));

const STATUS_SCHEMA = 'workflows/journey/status/status-schema.ts';

describe('imports', () => {
  it('are found in every source folder', () => {
    expect(sources().length).toBeGreaterThan(40);
    expect(all.map(describeImport)).toContain('worker/create-worker.ts imports activities/sfox/provider-activities.ts');
    expect(all).toContainEqual({
      file: 'workflows/journey/machine/setup.ts',
      folder: 'workflows',
      what: 'xstate',
      typeOnly: false,
    });
  });

  it('follow the allowed direction between the top-level folders, except that activities use the core of the engine', () => {
    const backwards = all.filter(
      (each) =>
        isOurs(each) &&
        folders.indexOf(topFolder(each.what)) < folders.indexOf(each.folder) &&
        !(each.folder === 'activities' && isWithin('workflows/engine/core')(each.what)),
    );
    expect(backwards.map(describeImport)).toEqual([]);
  });

  it('use only types from the contract of the activities, except in the worker', () => {
    const fromOutside = all.filter(({ folder, what }) => folder !== 'activities' && what.startsWith('activities/'));
    const wrong = fromOutside.filter(
      ({ folder, what, typeOnly }) => folder !== 'worker' && !(typeOnly && what === 'activities/contract.ts'),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('of workflow code include only XState and Temporal', () => {
    const packages = all.filter((each) => each.folder === 'workflows' && !isOurs(each) && !each.typeOnly);
    const allowed = new Set(['xstate', '@temporalio/workflow', '@temporalio/common']);
    const outside = packages.filter(({ file, what }) => !allowed.has(what) && file !== STATUS_SCHEMA);
    expect(outside.map(describeImport)).toEqual([]);
  });

  it('of workflow code take only types from the schema of the status, which loads Zod', () => {
    const users = all.filter(({ what }) => what === STATUS_SCHEMA);
    expect(users.length).toBeGreaterThan(2);
    expect(users.filter(({ folder, typeOnly }) => folder === 'workflows' && !typeOnly).map(describeImport)).toEqual([]);
  });

  it('keep workflows/journey free of Temporal', () => {
    const wrong = all.filter(
      (each) => isWithin('workflows/journey')(each.file) && !each.typeOnly && each.what.startsWith('@temporalio'),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it("keep workflows/journey free of every other workflow, except for the engine's core and types of a contract", () => {
    const wrong = leaving('workflows/journey').filter(
      ({ what, typeOnly }) => !(typeOnly && what.endsWith('/contract.ts')) && !isWithin('workflows/engine/core')(what),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('keep the worker free of the gateway', () => {
    const wrong = all.filter(({ folder, what }) => folder === 'worker' && what.startsWith('client/gateway/'));
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('keep receipts, exports, what-ifs and their logs free of everything but the machine, hashes and signatures', () => {
    const pure = ['client/exports', 'client/journey-log', 'client/receipts', 'client/journey-comparison'];
    const allowed = new Set([
      'jose',
      'zod',
      'node:crypto',
      'node:util',
      'client/errors.ts',
      'workflows/what-if/contract.ts',
      'client/presentation/escape-html.ts',
    ]);
    const wrong = all.filter(
      ({ file, what }) =>
        pure.some((folder) => isWithin(folder)(file)) &&
        !pure.some((folder) => isWithin(folder)(what)) &&
        !isWithin('workflows/journey')(what) &&
        !isWithin('workflows/engine/core')(what) &&
        !allowed.has(what),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('keep the reader of histories free of what runs only inside a workflow', () => {
    const reached = new Set<string>();
    const reach = (file: string) => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const each of all) if (each.file === file && !each.typeOnly) reach(each.what);
    };
    for (const { file } of all) if (isWithin('client/journey-history')(file)) reach(file);
    expect([...reached]).toContain('workflows/journey-updates.ts');
    expect([...reached]).not.toContain('@temporalio/workflow');
  });

  it('keep sFOX inside activities/sfox', () => {
    const wrong = all.filter(
      ({ file, what }) => what.startsWith('activities/sfox/') && !/^(activities\/sfox|worker)\//.test(file),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('keep workflows/engine free of every domain', () => {
    expect(all.filter(({ file }) => isWithin('workflows/engine')(file)).length).toBeGreaterThan(20);
    expect(leaving('workflows/engine').map(describeImport)).toEqual([]);
  });

  it('keep workflows/engine/core pure: it knows XState, and neither Temporal nor a clock', () => {
    const inCore = all.filter(({ file, typeOnly }) => isWithin('workflows/engine/core')(file) && !typeOnly);
    expect(inCore.length).toBeGreaterThan(5);
    const wrong = inCore.filter(({ what }) => what !== 'xstate' && !isWithin('workflows/engine/core')(what));
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('keep what clients and activities import of workflows/engine free of its runtime', () => {
    const wrong = all.filter(
      ({ file, what, typeOnly }) =>
        !typeOnly &&
        isWithin('workflows/engine/runtime')(what) &&
        !/^workflows\/engine\/(runtime\/|index\.ts)/.test(file),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('form no circle', () => {
    const graph = new Map<string, string[]>();
    for (const { file, what } of all) graph.set(file, [...(graph.get(file) ?? []), what]);
    expect(circlesIn(graph)).toEqual([]);
    expect(
      circlesIn(
        new Map([
          ['a', ['b']],
          ['b', ['c', 'd']],
          ['c', ['a']],
        ]),
      ),
    ).toEqual(['a > b > c > a']);
  });

  it('never include a test or a benchmark', () => {
    expect(all.filter(({ what }) => /^(test|bench)\//.test(what)).map(describeImport)).toEqual([]);
  });

  it('keep the simulator independent, so that it cannot share our errors', () => {
    expect(leaving('sandbox/sfox').map(describeImport)).toEqual([]);
  });
});

describe('the environment', () => {
  it('is read only in the entry points', () => {
    const entries = new Set([
      'worker/main.ts',
      'worker/replay/main.ts',
      'client/gateway/main.ts',
      'client/cli/main.ts',
      'sandbox/start.ts',
      'sandbox/demo.ts',
      'sandbox/sfox/main.ts',
    ]);
    const readers = sources().filter((file) => codeOf(file).includes('process.env'));
    expect(readers.filter((file) => !entries.has(file))).toEqual([]);
  });
});

describe('folders', () => {
  it('of the product contain at most about a dozen files each, and the top level of client/ four', () => {
    const counts = new Map<string, number>();
    for (const file of sources()) {
      const folder = file.slice(0, file.lastIndexOf('/'));
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    expect(counts.get('client') ?? 0).toBeLessThanOrEqual(4);
    const crowded = [...counts].filter(([folder, count]) => !folder.startsWith('sandbox/') && count > 14);
    expect(crowded).toEqual([]);
  });
});

/** Finds circles by depth-first search: an edge to a file on the current path closes one. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const visited = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
    if (visited.has(file)) return;
    visited.add(file);
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
  };
  for (const file of graph.keys()) visit(file, []);
  return circles;
}
