import { describe, expect, it } from '@jest/globals';
import { codeOf, folders, imports, sources } from './imports.ts';
import type { Folder, Import } from './imports.ts';

const all = imports();
const told = ({ file, what }: Import) => `${file} imports ${what}`;
const folderOf = (path: string) => path.split('/')[0] as Folder;
const isOurs = ({ what }: Import) =>
  what.startsWith('../') || folders.includes(folderOf(what)) || what.startsWith('test/');

describe('imports', () => {
  it('are found', () => {
    expect(sources().length).toBeGreaterThan(40);
    expect(all.map(told)).toContain('worker/create-worker.ts imports activities/index.ts');
    expect(all).toContainEqual({ file: 'workflows/machine.ts', folder: 'workflows', what: 'xstate', typeOnly: false });
  });

  it('go the way a sign-up travels', () => {
    const backwards = all.filter(
      (each) => isOurs(each) && folders.indexOf(folderOf(each.what)) < folders.indexOf(each.folder),
    );
    expect(backwards.map(told)).toEqual([]);
  });

  it('take only types of the activities, and those from their contract', () => {
    const fromOutside = all.filter(({ folder, what }) => folder !== 'activities' && what.startsWith('activities/'));
    const wrong = fromOutside.filter(
      ({ folder, what, typeOnly }) => folder !== 'worker' && !(typeOnly && what === 'activities/contract.ts'),
    );
    expect(wrong.map(told)).toEqual([]);
  });

  it('of the workflows name XState and Temporal alone', () => {
    const packages = all.filter((each) => each.folder === 'workflows' && !isOurs(each) && !each.typeOnly);
    const allowed = new Set(['xstate', '@temporalio/workflow', '@temporalio/common']);
    expect(packages.filter(({ what }) => !allowed.has(what)).map(told)).toEqual([]);
  });

  it('keep the machine free of Temporal', () => {
    const pure = [
      'machine',
      'step',
      'status',
      'limits',
      'ledger',
      'context',
      'events',
      'log',
      'policy',
      'keep',
      'migrate',
      'ending',
      'forecast',
      'recovery/drain',
      'recovery/passed-over',
      'recovery/verdict',
      'operation/course',
      'pulse/minutes',
    ];
    const files = new Set(pure.map((name) => `workflows/${name}.ts`));
    const wrong = all.filter((each) => files.has(each.file) && !each.typeOnly && each.what.startsWith('@temporalio'));
    expect(wrong.map(told)).toEqual([]);
  });

  it('never name a test', () => {
    expect(all.filter(({ what }) => what.startsWith('test/') || what.startsWith('bench/')).map(told)).toEqual([]);
  });

  it('leave the simulator to itself, or it would agree with our mistakes', () => {
    const simulator = all.filter(({ file }) => file.startsWith('sandbox/sfox/'));
    expect(simulator.filter((each) => isOurs(each) && !each.what.startsWith('sandbox/sfox/')).map(told)).toEqual([]);
  });
});

describe('the environment', () => {
  it('is read in the entry points alone', () => {
    const entries = new Set([
      'worker/main.ts',
      'worker/replay.ts',
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
