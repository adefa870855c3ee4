import { randomUUID } from 'node:crypto';
import type { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { expect } from '@jest/globals';
import { connectLater } from '../../client/temporal/connect.ts';
import { checkNames, runChecks } from '../../client/doctor/index.ts';
import type { Check, CheckName, DoctorOptions } from '../../client/doctor/index.ts';
import type { EncryptionKey } from '../../client/temporal/encryption-codec.ts';
import { waitUntil, keys } from './stack.ts';

/** The server of the run. */
export const ours = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
const opened: Client[] = [];

/** Closes every client that was made here. */
export async function closeClients(): Promise<void> {
  await Promise.all(opened.splice(0).map(({ connection }) => connection.close()));
}

interface Way {
  readonly address?: string;
  readonly namespace?: string;
  readonly keys?: readonly [EncryptionKey, ...EncryptionKey[]];
}

export function clientOf({ address = ours, namespace = 'default', keys: given = keys }: Way = {}): Client {
  const client = connectLater({ namespace, connectionOptions: { address } }, given);
  opened.push(client);
  return client;
}

/** What was found, by the name of the check; of journeys, every finding. */
export type DoctorReport = { readonly [N in Exclude<CheckName, 'journeys'>]: Check } & {
  readonly journeys: readonly Check[];
};

/** Runs the checks again if a server that answers now did not answer one of them in time, as on a busy machine. */
async function collectChecks(client: Client, options: DoctorOptions): Promise<Check[]> {
  const answers = () =>
    client
      .withDeadline(Date.now() + 2_000, () => client.workflowService.getSystemInfo({}))
      .then(() => true)
      .catch(() => false);
  for (;;) {
    const checks: Check[] = [];
    for await (const check of runChecks(client, options)) checks.push(check);
    if (!checks.some(({ found }) => found.startsWith('no response from ')) || !(await answers())) return checks;
  }
}

/** Everything that was found; each check comes in its order, but for paused recovery, which comes first. */
export async function runDoctor(client: Client, options: DoctorOptions = {}): Promise<DoctorReport> {
  const checks = await collectChecks(client, options);
  const isPaused = checks[0]?.name === 'recovery';
  expect([...new Set(checks.map(({ name }) => name))]).toEqual(
    isPaused ? ['recovery', ...checkNames.filter((name) => name !== 'recovery')] : checkNames,
  );
  for (const { ok, fix } of checks) expect(fix === null).toBe(ok !== false);
  const [journeys, others] = [checks.filter(isAboutJourneys), checks.filter((check) => !isAboutJourneys(check))];
  const names = others.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  const byName = Object.fromEntries(others.map((check) => [check.name, check])) as Omit<DoctorReport, 'journeys'>;
  return { ...byName, journeys };
}

const isAboutJourneys = ({ name }: Check) => name === 'journeys';
const shared = new Set(['journeys', 'recovery', 'reconciliation', 'webhooks']);

/** The names of the checks that are not good. Journeys and the Schedules are left out: a namespace is shared with other tests. */
export const amiss = (found: DoctorReport) =>
  Object.values(found)
    .flat()
    .filter(({ name, ok }) => ok !== true && !shared.has(name))
    .map(({ name, ok }) => (ok === 'skipped' ? `${name} skipped` : name));

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** A namespace of its own, with an attribute that is not as journeys need it. */
export async function bareNamespace(days: number, attribute?: string): Promise<string> {
  const namespace = `bare-${randomUUID()}`;
  const client = clientOf({ namespace });
  const workflowExecutionRetentionPeriod = proto.google.protobuf.Duration.fromObject({ seconds: days * 86_400 });
  await client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  const isKnown = () =>
    client.workflow
      .count('')
      .then(() => true)
      .catch(() => false);
  await waitUntil(isKnown, 'the namespace is known');
  if (attribute !== undefined) {
    const { operatorService } = client.connection as Connection;
    const searchAttributes = { [attribute]: IndexedValueType.INDEXED_VALUE_TYPE_INT };
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  return namespace;
}
