import { beforeAll, describe, expect, it } from '@jest/globals';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { createDataConverter } from '../../client/data-converter.ts';
import { bundlePath, keys, quiet } from '../support/stack.ts';
import { keptHistories } from '../../client/replay/histories.ts';
import { around } from './around.ts';
import { folder } from './histories.ts';
import { paths } from './paths.ts';

const code = { workflowBundle: { codePath: bundlePath }, dataConverter: createDataConverter(keys) };

beforeAll(quiet);

async function kept() {
  const histories = [];
  for await (const history of (await keptHistories(folder)).each) histories.push(history);
  return histories;
}

describe('the histories that were kept', () => {
  it('are replayed by the code at hand, for every version and path', async () => {
    const all = await kept();
    let replayed = 0;
    for await (const { workflowId, error } of Worker.runReplayHistories(code, all)) {
      expect([workflowId, error]).toEqual([workflowId, undefined]);
      replayed += 1;
    }
    expect(replayed).toBe(all.length);
    for (const path of Object.keys({ ...paths, ...around }))
      expect(all.map(({ place }) => place)).toContainEqual(expect.stringContaining(path));
  });

  it('name what would break where the code does something else', async () => {
    const [{ history, workflowId } = { history: undefined, workflowId: '' }] = await kept();
    const scheduled = history?.events?.find((event) => event.activityTaskScheduledEventAttributes != null);
    const type = scheduled?.activityTaskScheduledEventAttributes?.activityType;
    if (type == null) throw new Error('no activity in this history');
    type.name = 'somethingElse';
    await expect(Worker.runReplayHistory(code, history, workflowId)).rejects.toBeInstanceOf(DeterminismViolationError);
  });
});
