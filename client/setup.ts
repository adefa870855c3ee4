import type { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { attributes } from '../workflows/contract.ts';
import { scheduleRecovery } from './schedule.ts';
import type { Scheduled, ScheduleOptions } from './schedule.ts';

/** How long an ended journey can be asked for its status. */
export const RETENTION_DAYS = 30;

const { IndexedValueType } = proto.temporal.api.enums.v1;
const types = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
};

export interface SetupReport {
  /** The search attributes that were missing and are there now. */
  readonly added: readonly string[];
  /** Whether the namespace's retention was raised. */
  readonly retentionRaised: boolean;
  /** What became of recovery's Schedule. */
  readonly schedule: Scheduled;
}

/**
 * Makes a namespace ready: search attributes, retention, and the Schedule of recovery. Repeatable; what is there already
 * stays as it is, but for settings of recovery that are others now.
 */
export async function setup(client: Client, options: ScheduleOptions = {}): Promise<SetupReport> {
  const added = await addAttributes(client);
  return { added, retentionRaised: await raiseRetention(client), schedule: await scheduleRecovery(client, options) };
}

async function addAttributes(client: Client): Promise<string[]> {
  const { namespace } = client.options;
  const { operatorService } = client.connection as Connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(attributes).filter(({ name }) => !(name in customAttributes));
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, types[type]]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  return missing.map(({ name }) => name);
}

async function raiseRetention({ workflowService, options }: Client): Promise<boolean> {
  const { namespace } = options;
  const { config } = await workflowService.describeNamespace({ namespace });
  const seconds = RETENTION_DAYS * 24 * 3_600;
  if (Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) >= seconds) return false;
  const workflowExecutionRetentionTtl = proto.google.protobuf.Duration.fromObject({ seconds });
  await workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } });
  return true;
}
