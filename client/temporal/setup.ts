import type { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { NotFound, NotPermitted } from '../errors.ts';
import {
  commandFor,
  creationAdvice,
  findAttributes,
  findRetention,
  RETENTION_DAYS,
  retentionCommand,
} from './namespace.ts';
import type { AttributesFound, RequiredAttribute } from './namespace.ts';
import { translatingErrors } from '../journeys/status-reader.ts';
import { isPermissionDenied, isNotFound } from './grpc-codes.ts';
import { scheduleRecovery } from '../recovery/schedule.ts';
import type { ScheduleChange, ScheduleOptions } from '../recovery/schedule.ts';
import { defaultReconciliation } from '../config/policy-file.ts';
import type { ReconcileSettings } from '../config/policy-file.ts';
import { scheduleReconciliations } from '../reconciliation/schedule.ts';
import type { ScheduledReconciliations } from '../reconciliation/schedule.ts';

export interface SetupReport {
  readonly namespace: string;
  /** Search attributes that existed already. */
  readonly existing: readonly string[];
  /** Search attributes that were added. */
  readonly added: readonly string[];
  /** Search attributes that exist with another type. A type cannot be changed, so another namespace is needed. */
  readonly mistyped: readonly string[];
  /** Retention of closed journeys after the setup, in days. */
  readonly retentionDays: number;
  /** Whether the setup raised the retention. */
  readonly retentionRaised: boolean;
  /** Whether the recovery Schedule was created, updated or left unchanged. */
  readonly schedule: ScheduleChange;
  /** The same of the reconciliation Schedule, which is `off` unless the policy has `reconcile`. */
  readonly reconciliation: ScheduledReconciliations;
}

export interface SetupOptions extends ScheduleOptions {
  readonly reconcile?: ReconcileSettings;
}

/**
 * Sets up a namespace: search attributes, retention and the Schedules. Idempotent: existing parts are left unchanged,
 * except for changed recovery settings. A caller without permissions is rejected only if something must change.
 *
 * @throws NotFound that says how to create the namespace
 * @throws NotPermitted with the command that an authorized user can run
 * @throws Unavailable
 */
export async function setup(client: Client, options: SetupOptions = {}): Promise<SetupReport> {
  const { namespace } = client.options;
  const names = (attributes: readonly RequiredAttribute[]) => attributes.map(({ name }) => name);
  const { present, missing, mistyped } = await attributesIn(client);
  if (missing.length > 0) {
    const what = `adding search attributes to the namespace '${namespace}'`;
    await permitted(what, commandFor(namespace, missing), () => addAttributes(client, missing));
  }
  const before = await translatingErrors(() => findRetention(client));
  const short = before < RETENTION_DAYS;
  if (short) {
    const what = `raising the retention of the namespace '${namespace}'`;
    await permitted(what, retentionCommand(namespace), () => raiseRetention(client));
  }
  return {
    namespace,
    existing: names(present),
    added: names(missing),
    mistyped: names(mistyped),
    retentionDays: short ? RETENTION_DAYS : before,
    retentionRaised: short,
    schedule: await scheduleRecovery(client, options),
    reconciliation: await scheduleReconciliations(client, { reconcile: defaultReconciliation, ...options }),
  };
}

async function attributesIn(client: Client): Promise<AttributesFound> {
  const { namespace } = client.options;
  try {
    return await translatingErrors(() => findAttributes(client));
  } catch (error) {
    throw isNotFound(error)
      ? new NotFound(`the namespace '${namespace}' does not exist; ${creationAdvice(namespace)}`)
      : error;
  }
}

async function permitted(what: string, command: string, change: () => Promise<unknown>): Promise<void> {
  try {
    await translatingErrors(change);
  } catch (error) {
    throw isPermissionDenied(error) ? new NotPermitted(what, command) : error;
  }
}

function addAttributes(client: Client, missing: readonly RequiredAttribute[]): Promise<unknown> {
  const { operatorService } = client.connection as Connection;
  const searchAttributes = Object.fromEntries(missing.map(({ name, value }) => [name, value]));
  return operatorService.addSearchAttributes({ namespace: client.options.namespace, searchAttributes });
}

function raiseRetention({ workflowService, options }: Client): Promise<unknown> {
  const seconds = RETENTION_DAYS * 24 * 3_600;
  const workflowExecutionRetentionTtl = proto.google.protobuf.Duration.fromObject({ seconds });
  return workflowService.updateNamespace({ namespace: options.namespace, config: { workflowExecutionRetentionTtl } });
}
