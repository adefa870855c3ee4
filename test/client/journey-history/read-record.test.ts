import { expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { recordOfHistory } from '../../../client/journey-history/read-record.ts';
import { readHistoryFiles } from '../../../client/replay/histories.ts';
import { createDataConverter } from '../../../client/temporal/data-converter.ts';
import { WORKFLOW_TYPE } from '../../../workflows/contract.ts';
import { historiesFolder } from '../../replay/histories.ts';
import { keys } from '../../support/stack.ts';

/** Decodes payloads; it never connects. */
const client = new Client({
  connection: Connection.lazy({ address: '127.0.0.1:1' }),
  dataConverter: createDataConverter(keys, { anyNamespace: true }),
});

async function recordedJourneys() {
  const journeys = [];
  for await (const { place, workflowId, history } of (await readHistoryFiles(historiesFolder)).each) {
    const events = history.events ?? [];
    const type = events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name;
    if (type === WORKFLOW_TYPE) journeys.push({ name: place.replace(/^.*\/|\.binpb$/g, ''), workflowId, events });
  }
  return journeys;
}

it('finds in the events of a journey the log that the journey has written itself', async () => {
  const agreed: string[] = [];
  for (const { name, workflowId, events } of await recordedJourneys()) {
    const ended = await recordOfHistory(client, workflowId, events);
    // Without the last event, the result of a journey is missing.
    const found = await recordOfHistory(client, workflowId, events.slice(0, -1));
    const isClosed = events.at(-1)?.workflowExecutionCompletedEventAttributes != null;
    const isExpired = events.at(-1)?.workflowExecutionFailedEventAttributes != null;
    if (found === undefined || !(isClosed || isExpired)) continue;
    expect([name, found]).toEqual([name, ended]);
    agreed.push(name);
  }
  expect(agreed.toSorted()).toEqual(['already-verified', 'business', 'expired', 'individual']);
});

it('reads open journeys: locked, paused, stalled, and with a send of unknown outcome', async () => {
  const journeys = await recordedJourneys();
  for (const name of ['locked', 'paused', 'stalled', 'unknown']) {
    const journey = journeys.find((each) => each.name === name);
    const record = await recordOfHistory(client, journey?.workflowId ?? '', journey?.events ?? []);
    expect([name, record?.entries[0]?.type]).toEqual([name, 'started']);
    expect(record?.entries.length).toBeGreaterThan(3);
  }
});

it('leaves a cancellation, and a run that is not the first, to the query', async () => {
  const journeys = await recordedJourneys();
  for (const name of ['cancelled', 'superseded', 'continued-1', 'last-run-1']) {
    const journey = journeys.find((each) => each.name === name);
    expect([name, journey?.events.length]).not.toEqual([name, undefined]);
    const record = await recordOfHistory(client, journey?.workflowId ?? '', journey?.events ?? []);
    expect([name, record]).toEqual([name, undefined]);
  }
});

it('leaves a history whose events disagree with the machine, or are not authentic, to the query', async () => {
  const journey = (await recordedJourneys()).find(({ name }) => name === 'locked');
  const { workflowId = '', events = [] } = journey ?? {};
  for (const attributes of [
    'activityTaskCompletedEventAttributes',
    'activityTaskScheduledEventAttributes',
    'upsertWorkflowSearchAttributesEventAttributes',
  ] as const) {
    const index = events.findIndex((event) => event[attributes] != null);
    const record = await recordOfHistory(client, workflowId, events.toSpliced(index, 1));
    expect([attributes, index > 0, record]).toEqual([attributes, true, undefined]);
  }
  expect(await recordOfHistory(client, `${workflowId}-other`, events)).toBeUndefined();
});
