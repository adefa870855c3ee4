import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import proto from '@temporalio/proto';

export const { History } = proto.temporal.api.history.v1;

/** A folder for each released version, in it a history of each path. */
export const folder = resolve('test/histories');

/** Reads all histories that were kept. */
export async function keptHistories() {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.binpb'));
  return Promise.all(
    names.toSorted().map(async (name) => {
      const history = History.decode(await readFile(join(folder, name)));
      const started = history.events[0]?.workflowExecutionStartedEventAttributes;
      return { name, history, workflowId: started?.workflowId ?? '' };
    }),
  );
}
