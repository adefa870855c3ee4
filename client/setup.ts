import type { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { NotFound, NotPermitted } from './errors.ts';
import {
  commandFor,
  creationAdvice,
  findAttributes,
  findRetention,
  RETENTION_DAYS,
  retentionCommand,
} from './namespace.ts';
import type { AttributesFound, Wanted } from './namespace.ts';
import { reach } from './reading.ts';
import { isForbidden, isMissing } from './temporal-errors.ts';
import { scheduleRecovery } from './schedule.ts';
import type { Scheduled, ScheduleOptions } from './schedule.ts';

export interface SetupReport {
  readonly namespace: string;
  /** The search attributes that were there already. */
  readonly kept: readonly string[];
  /** The search attributes that were missing and are there now. */
  readonly added: readonly string[];
  /** Those that are there with a type that is not ours; no server changes it, so another namespace is needed. */
  readonly mistyped: readonly string[];
  /** How long ended journeys are kept now. */
  readonly retentionDays: number;
  /** Whether that was raised. */
  readonly retentionRaised: boolean;
  /** What became of recovery's Schedule. */
  readonly schedule: Scheduled;
}

/**
 * Makes a namespace ready: search attributes, retention, and the Schedule of recovery. Repeatable; what is there already
 * stays as it is, but for settings of recovery that are others now. A
 * caller who may change nothing is refused only where something has to change.
 *
 * @throws NotFound with how to create the namespace
 * @throws NotPermitted with what to have done by somebody who may
 * @throws Unavailable
 */
export async function setup(client: Client, options: ScheduleOptions = {}): Promise<SetupReport> {
  const { namespace } = client.options;
  const names = (attributes: readonly Wanted[]) => attributes.map(({ name }) => name);
  const { present, missing, mistyped } = await attributesIn(client);
  if (missing.length > 0) {
    const what = `adding search attributes to the namespace '${namespace}'`;
    await permitted(what, commandFor(namespace, missing), () => addAttributes(client, missing));
  }
  const before = await reach(() => findRetention(client));
  const short = before < RETENTION_DAYS;
  if (short) {
    const what = `raising the retention of the namespace '${namespace}'`;
    await permitted(what, retentionCommand(namespace), () => raiseRetention(client));
  }
  return {
    namespace,
    kept: names(present),
    added: names(missing),
    mistyped: names(mistyped),
    retentionDays: short ? RETENTION_DAYS : before,
    retentionRaised: short,
    schedule: await scheduleRecovery(client, options),
  };
}

async function attributesIn(client: Client): Promise<AttributesFound> {
  const { namespace } = client.options;
  try {
    return await reach(() => findAttributes(client));
  } catch (error) {
    throw isMissing(error) ? new NotFound(`there is no namespace '${namespace}': ${creationAdvice(namespace)}`) : error;
  }
}

async function permitted(what: string, command: string, change: () => Promise<unknown>): Promise<void> {
  try {
    await reach(change);
  } catch (error) {
    throw isForbidden(error) ? new NotPermitted(what, command) : error;
  }
}

function addAttributes(client: Client, missing: readonly Wanted[]): Promise<unknown> {
  const { operatorService } = client.connection as Connection;
  const searchAttributes = Object.fromEntries(missing.map(({ name, value }) => [name, value]));
  return operatorService.addSearchAttributes({ namespace: client.options.namespace, searchAttributes });
}

function raiseRetention({ workflowService, options }: Client): Promise<unknown> {
  const seconds = RETENTION_DAYS * 24 * 3_600;
  const workflowExecutionRetentionTtl = proto.google.protobuf.Duration.fromObject({ seconds });
  return workflowService.updateNamespace({ namespace: options.namespace, config: { workflowExecutionRetentionTtl } });
}
