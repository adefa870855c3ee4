import { beforeAll, describe, expect, it } from '@jest/globals';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { createDataConverter } from '../../client/temporal/data-converter.ts';
import { bundlePath, keys, quiet } from '../support/stack.ts';
import { readHistoryFiles } from '../../client/replay/histories.ts';
import { systemWorkflows } from './system-workflows.ts';
import { historiesFolder } from './histories.ts';
import { paths } from './paths.ts';

const code = {
  workflowBundle: { codePath: bundlePath },
  dataConverter: createDataConverter(keys, { foreignAsUndefined: true }),
};

beforeAll(quiet);

async function readStoredHistories() {
  const histories = [];
  for await (const history of (await readHistoryFiles(historiesFolder)).each) histories.push(history);
  return histories;
}

describe('the recorded histories', () => {
  it('are replayed by the current code, for every version and path', async () => {
    const all = await readStoredHistories();
    let replayed = 0;
    for await (const { workflowId, error } of Worker.runReplayHistories(code, all)) {
      expect([workflowId, error]).toEqual([workflowId, undefined]);
      replayed += 1;
    }
    expect(replayed).toBe(all.length);
    for (const path of Object.keys({ ...paths, ...systemWorkflows }))
      expect(all.map(({ place }) => place)).toContainEqual(expect.stringContaining(path));
  });

  it('fail to replay with changed code', async () => {
    const [{ history, workflowId } = { history: undefined, workflowId: '' }] = await readStoredHistories();
    const scheduled = history?.events?.find((event) => event.activityTaskScheduledEventAttributes != null);
    const type = scheduled?.activityTaskScheduledEventAttributes?.activityType;
    if (type == null) throw new Error('no activity in this history');
    type.name = 'somethingElse';
    await expect(Worker.runReplayHistory(code, history, workflowId)).rejects.toBeInstanceOf(DeterminismViolationError);
  });
});
