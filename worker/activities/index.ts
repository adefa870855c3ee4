import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { parseConfirmRequest, parseReadRequest } from '../../activities/parse-requests.ts';
import { parseSendAttempt } from '../../activities/send-attempts.ts';
import type { Provider } from '../../activities/sfox/provider-activities.ts';
import { createReceiverActivities } from '../../activities/webhook-receiver.ts';
import type { WebhookReceiver } from '../../activities/webhook-receiver.ts';
import type { QuietHoursSetting } from '../../client/config/quiet-hours.ts';
import { parseStatusToDeliver } from '../../client/journeys/closed-journey.ts';
import { JourneyStarter } from '../../client/journeys/start.ts';
import type { StartOptions } from '../../client/journeys/start.ts';
import { StatusReader } from '../../client/journeys/status-reader.ts';
import type { UserIdRule } from '../../client/validation.ts';
import { startDelivery } from '../../client/webhooks/webhooks.ts';
import { bulkOperationRequests } from '../../workflows/bulk-operation/parse.ts';
import type { JourneyActivities } from '../../workflows/contract.ts';
import { engineActivities } from '../../workflows/engine/activity.ts';
import type { ActivityRequests } from '../../workflows/engine/activity.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { statusForRole } from '../../workflows/journey/status/role-views.ts';
import { parseSuccessor } from '../../workflows/journey/stored/parse-start.ts';
import { reconciliationRequests } from '../../workflows/reconciliation/parse.ts';
import { recoveryRequests } from '../../workflows/recovery/parse.ts';
import { parseDelivery } from '../../workflows/webhook-delivery/parse.ts';
import { whatIfRequests } from '../../workflows/what-if/parse.ts';
import { createBulkOperationActivities } from './bulk-operation.ts';
import { createReconciliationActivities } from './reconciliation.ts';
import { createRecoveryActivities } from './recovery.ts';
import { createWhatIfActivities } from './what-if.ts';

export interface ActivityOptions {
  readonly client: Client;
  readonly provider: Provider;
  /** Names the provider of journeys that this worker starts. */
  readonly providerId: string | undefined;
  readonly receiver: WebhookReceiver | undefined;
  /** The policy of journeys that a reconciliation starts. */
  readonly policy: Policy;
  readonly quietHours: QuietHoursSetting | null;
  readonly userIds: UserIdRule;
  readonly taskQueue: string;
  readonly sendsPerSecond: number;
  readonly closing: AbortSignal;
  /**
   * Whether a delivery starts on this worker. With worker versioning, the delivery would stay on this worker's version, which may be
   * gone before the receiver is back.
   */
  readonly isEager: boolean;
}

/** All activities of a worker by task queue. Each accepts only orders of the workflow run that it belongs to. */
export function createActivities(options: ActivityOptions) {
  const { client, provider, receiver, sendsPerSecond, closing, isEager } = options;
  const start: StartOptions = {
    policy: options.policy,
    quietHours: options.quietHours,
    taskQueue: options.taskQueue,
    notifyReceiver: receiver !== undefined,
    ...(options.providerId !== undefined && { provider: options.providerId }),
  };
  const info = () => Context.current().info;
  return {
    journeys: engineActivities(
      {
        ...createJourneyActivities(new JourneyStarter(client, new StatusReader(client), start), isEager),
        ...createReceiverActivities(receiver),
        ...createRecoveryActivities(client, closing),
        ...createBulkOperationActivities(client, sendsPerSecond, closing),
        ...createWhatIfActivities(client, closing),
        ...createReconciliationActivities({
          client,
          directory: provider.directory,
          start,
          userIds: options.userIds,
          closing,
        }),
      },
      {
        ...journeyRequests,
        deliver: parseDelivery,
        ...recoveryRequests,
        ...bulkOperationRequests,
        ...whatIfRequests,
        ...reconciliationRequests,
      },
      info,
    ),
    sends: engineActivities(provider.sends, { sendCode: parseSendAttempt }, info),
    checks: engineActivities(provider.checks, { confirmCode: parseConfirmRequest, readUser: parseReadRequest }, info),
  };
}

const journeyRequests: ActivityRequests<JourneyActivities> = {
  startWebhookDelivery: parseStatusToDeliver,
  requestCancellation: () => null,
  startSuccessor: parseSuccessor,
  readClock: () => null,
};

function createJourneyActivities(starter: JourneyStarter, isEager: boolean): JourneyActivities {
  return {
    async requestCancellation() {
      const { client, info } = Context.current();
      const { workflowId, runId } = info.workflowExecution ?? { workflowId: '', runId: '' };
      await client.workflow.getHandle(workflowId, runId).cancel();
    },
    async startWebhookDelivery(status) {
      const { client, info } = Context.current();
      await startDelivery(client, statusForRole(status, 'app'), { taskQueue: info.taskQueue, eagerStart: isEager });
    },
    startSuccessor: (successor) => starter.startSuccessor(successor),
    async readClock() {
      return Date.now();
    },
  };
}
