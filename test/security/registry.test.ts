import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connection, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import { createProviderActivities } from '../../activities/sfox/provider-activities.ts';
import { runWorkerProbe } from '../../client/doctor/worker-probe.ts';
import { memoId, memoKinds } from '../../client/operators/memo-store.ts';
import { Recovery } from '../../client/recovery/recovery.ts';
import { setup } from '../../client/temporal/setup.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { createActivities } from '../../worker/activities/index.ts';
import { reportProviderHealth } from '../../worker/provider/provider-health-reporter.ts';
import { operationId } from '../../workflows/bulk-operation/contract.ts';
import {
  attributeKeys,
  checkQueue,
  deliveryPrefix,
  journeyId,
  RESULT_MEMO,
  sendQueue,
  userOf,
} from '../../workflows/contract.ts';
import * as registry from '../../workflows/index.ts';
import { providerHealthId } from '../../workflows/provider-health/contract.ts';
import { RECONCILIATION_SCHEDULE, reconciliationId } from '../../workflows/reconciliation/contract.ts';
import { whatIfId } from '../../workflows/what-if/contract.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';
import { startOwnServer } from '../support/own-server.ts';
import { NEVER_BY_ITSELF } from '../support/outage.ts';
import {
  callsOf,
  enterCode,
  operator,
  quickPolicy,
  startStack,
  uniqueUserId,
  waitForPosition,
  waitUntil,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { Attacker, encryptPayload, toPlainPayloads, createForgeries } from './attacker.ts';

/**
 * Forges every payload that any workflow accepts, on a real server. The workflows are the exports of the bundle, the handlers are
 * those of the workflow's metadata, and the activities are those a worker registers, so that new ones are covered automatically.
 */

type WorkflowType = keyof typeof registry;
const types = Object.keys(registry) as WorkflowType[];

const { COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK } = proto.temporal.api.enums.v1.CommandType;
const LONG_MS = 600_000;

let server: TemporalServer;
let stack: Stack;
let connection: Connection;
let attacker: Attacker;
const ada = uniqueUserId('ada');
/** The workflow id of an open execution of each type, with all handlers registered. */
const executions = new Map<WorkflowType, string>();

/** Starts an execution of each type, and returns its workflow id. A missing type does not compile. */
const startExecution: { readonly [T in WorkflowType]: () => Promise<string> } = {
  onboarding: async () => {
    await stack.onward.start(ada, { accountType: 'individual' });
    await waitForPosition(stack, ada, 'emailPending.awaitingCode');
    await waitUntil(async () => (await stack.onward.count({ userId: ada })) === 1, 'the journey is listed');
    return journeyId(ada);
  },
  webhookDelivery: () =>
    waitUntil(async () => {
      const { items } = await stack.onward.webhooks.list();
      const waiting = items.find(({ userId, attempts }) => userId === ada && attempts >= 2);
      return waiting && Buffer.from(waiting.id.slice('msg_'.length), 'base64url').toString();
    }, 'a delivery waits for its next attempt'),
  providerHealth: async () => {
    await reportProviderHealth(stack.client, stack.taskQueue, { sends: 1, replies: { '2xx': 1 } });
    return providerHealthId(stack.taskQueue);
  },
  bulkOperation: async () => {
    const request = { command: 'pause', filter: { userId: ada }, expected: 1, perSecond: 0.005, dryRun: true } as const;
    const { id } = await stack.onward.operations.start({ ...request, reason: 'a test' }, operator);
    return operationId(id);
  },
  recovery: async () => {
    const stalled = uniqueUserId('stalled', '.maintenance');
    // The run first reads the provider's record, which the simulator delays for longer than the tests take.
    stack.sfox.script(stalled, 'read', [{ delay: LONG_MS }]);
    await stack.onward.start(stalled, { accountType: 'individual' });
    await waitUntil(async () => (await stack.onward.count({ step: 'stalled' })) === 1, 'the journey is stalled');
    const recovery = new Recovery(stack);
    await recovery.trigger({ reason: 'a test' }, operator);
    const status = await waitUntil(async () => {
      const { run } = await recovery.status();
      return run?.outcome === null && (await stack.client.schedule.getHandle(RECOVERY_SCHEDULE).describe());
    }, 'a recovery run is open');
    return status.info.recentActions.at(-1)?.action.workflow.workflowId ?? '';
  },
  reconciliation: async () => {
    stack.sfox.crowd('without-journey', 1);
    const { id } = await stack.onward.reconciliations.start({ reason: 'a test' }, operator);
    const state = async () => (await stack.onward.reconciliations.get(id)).state;
    await waitUntil(async () => (await state()) === 'waiting', 'it waits for the end of the grace');
    return reconciliationId(id);
  },
  scheduledReconciliation: async () => {
    const handle = stack.client.schedule.getHandle(RECONCILIATION_SCHEDULE);
    await handle.trigger();
    const started = await waitUntil(async () => {
      const { info } = await handle.describe();
      return info.recentActions.at(-1)?.action.workflow;
    }, 'the Schedule has started it');
    // A reconciliation is running already, so it starts none.
    expect(await stack.client.workflow.getHandle(started.workflowId).result()).toMatchObject({
      body: { result: 'running' },
    });
    return started.workflowId;
  },
  whatIf: async () => {
    const { id } = await stack.onward.whatIfs.start({ policy: {}, filter: { userId: ada } }, 'viewer');
    const state = async () => (await stack.onward.whatIfs.get(id)).state;
    await waitUntil(async () => (await state()) === 'done', 'the journeys are compared');
    return whatIfId(id);
  },
  workerProbe: async () => {
    const { workflowId } = await stack.client.workflow.start('workerProbe', {
      workflowId: `onward-worker-probe:${randomUUID()}`,
      taskQueue: stack.taskQueue,
      args: [],
    });
    // `runWorkerProbe` deletes its own execution once it has reported.
    expect((await runWorkerProbe(stack.client, stack.taskQueue, 30_000)).outcome.type).toBe('reported');
    return workflowId;
  },
};

beforeAll(async () => {
  server = await startOwnServer();
  // No server listens on this port, so every delivery stays open.
  const receiver = { url: 'http://127.0.0.1:1/', secret: `whsec_${Buffer.alloc(24).toString('base64')}` };
  stack = await startStack({
    address: server.address,
    worker: { receiver },
    onward: { notifyReceiver: true, reconcile: { graceFor: 6 * LONG_MS, perSecond: 1 } },
  });
  const recovery = { every: NEVER_BY_ITSELF, perSecond: 0.005, upToPerSecond: 0.005 };
  const reconcile = { every: NEVER_BY_ITSELF, graceFor: 0, perSecond: 1 };
  await setup(stack.client, { taskQueue: stack.taskQueue, callTimeout: LONG_MS, recovery, reconcile });
  connection = await Connection.connect({ address: server.address });
  attacker = new Attacker(connection);
  for (const type of Object.keys(startExecution) as WorkflowType[]) executions.set(type, await startExecution[type]());
}, 180_000);
afterAll(async () => {
  await stack?.sfox.close();
  await connection?.close();
  await stack?.close();
  await server?.stop();
});

/** How a workflow ends that does not go on: temporal.api.enums.v1.WorkflowExecutionStatus. */
const statusOf: { readonly [T in WorkflowType]?: number } = { workerProbe: 3, scheduledReconciliation: 2, whatIf: 2 };
/** The activity by which a workflow of a Schedule asks whether the Schedule has started it. */
const confirmations: { readonly [T in WorkflowType]?: string } = {
  recovery: 'confirmRun',
  scheduledReconciliation: 'startScheduled',
};

const audit = { paused: null, resumed: null, triggered: null };

type Definitions = 'updateDefinitions' | 'signalDefinitions' | 'queryDefinitions';

/** The names of the handlers that a workflow has registered, from its metadata query. */
async function handlersOf(workflowId: string, kind: Definitions): Promise<string[]> {
  const metadata = await connection.workflowService.queryWorkflow({
    namespace: 'default',
    execution: { workflowId },
    query: { queryType: '__temporal_workflow_metadata', queryArgs: {} },
  });
  const context = { type: 'workflow', namespace: 'default', workflowId } as const;
  const { loadedDataConverter } = stack.client.options;
  const [codec] = loadedDataConverter.payloadCodecs;
  const [payload] = (await codec?.decode(metadata.queryResult?.payloads ?? [], context)) ?? [];
  const { definition } = loadedDataConverter.payloadConverter.fromPayload<temporal.api.sdk.v1.IWorkflowMetadata>(
    payload ?? {},
  );
  return (definition?.[kind] ?? [])
    .map(({ name }) => name ?? '')
    .filter((name) => name !== '' && !name.startsWith('__'));
}

const idOf = (type: WorkflowType) => executions.get(type) ?? '';
const eventsOf = async (type: WorkflowType) =>
  (await stack.client.workflow.getHandle(idOf(type)).fetchHistory()).events ?? [];

describe.each(types)('the workflow %s', (type) => {
  it('refuses every forged update, and nothing of it is written', async () => {
    const before = (await eventsOf(type)).length;
    for (const update of await handlersOf(idOf(type), 'updateDefinitions')) {
      const request = {
        by: { role: 'operator', name: 'mallory' },
        reason: 'forged',
        channel: 'email',
        code: '1234',
        newUserId: 'mallory',
      };
      const command = { key: null, fingerprint: '', request };
      for (const [label, payloads] of await createForgeries(idOf(type), `update:${update}`, command)) {
        const outcome = await attacker
          .send(payloads, (client, args) =>
            client.workflow.getHandle(idOf(type)).executeUpdate<unknown, [null]>(update, { args: args as [null] }),
          )
          .then(
            () => 'executed',
            (error: unknown) => (error instanceof WorkflowUpdateFailedError ? 'refused' : error),
          );
        expect([update, label, outcome]).toEqual([update, label, 'refused']);
      }
    }
    expect((await eventsOf(type)).length).toBe(before);
  }, 120_000);

  it('does nothing on a forged signal', async () => {
    const before = (await eventsOf(type)).length;
    for (const signal of await handlersOf(idOf(type), 'signalDefinitions')) {
      const body = { key: null, sends: 1, replies: {}, at: '', by: operator, reason: 'forged' };
      for (const [, payloads] of await createForgeries(idOf(type), `signal:${signal}`, body)) {
        await attacker.send(payloads, (client, args) => client.workflow.getHandle(idOf(type)).signal(signal, ...args));
      }
    }
    const { raw } = await stack.client.workflow.getHandle(idOf(type)).describe();
    expect(raw.workflowExecutionInfo?.status).toBe(statusOf[type] ?? 1);
    await waitUntil(
      async () => (await stack.client.workflow.getHandle(idOf(type)).describe()).raw.pendingWorkflowTask == null,
      'the signals are handled',
    );
    const added = (await eventsOf(type))
      .slice(before)
      .filter(
        (event) =>
          event.workflowExecutionSignaledEventAttributes == null &&
          event.workflowTaskScheduledEventAttributes == null &&
          event.workflowTaskStartedEventAttributes == null &&
          event.workflowTaskCompletedEventAttributes == null,
      );
    expect(added).toEqual([]);
  }, 120_000);

  it('answers no forged query', async () => {
    for (const query of await handlersOf(idOf(type), 'queryDefinitions')) {
      for (const [label, payloads] of await createForgeries(idOf(type), `query:${query}`, { command: 'pause' })) {
        // A query changes nothing and its answer is encrypted, so its age does not matter.
        if (label === 'an older one of its own') continue;
        const answer = attacker.send(payloads, (client, args) =>
          client.workflow.getHandle(idOf(type)).query(query, ...args),
        );
        expect([query, label, await answer.then(String, () => 'refused')]).toEqual([query, label, 'refused']);
      }
    }
  }, 120_000);

  it('does nothing on a forged start, and no memo or search attribute of it is believed', async () => {
    const prefix =
      type === 'onboarding' ? journeyId('') : type === 'webhookDelivery' ? deliveryPrefix('mallory') : `${type}-`;
    const memo = Object.fromEntries(
      [RESULT_MEMO, 'restart', 'operation', 'reconciliation', 'whatIf', 'whatIfProgress', 'recovery', 'delivery'].map(
        (name) => [name, {}],
      ),
    );
    const ids: string[] = [];
    const forge = (workflowId: string) => {
      const restarted = { by: operator, reason: 'forged', supersedes: ada, carried: {} };
      const signup = { userId: userOf(workflowId), accountType: 'individual', policy: quickPolicy, restarted };
      const input = {
        graceFor: 0,
        perSecond: 1,
        upToPerSecond: 1,
        doubleEvery: 1_000,
        callTimeout: 1_000,
        slices: 1,
        acts: audit,
      };
      return createForgeries(workflowId, `start:${type}`, { ...signup, ...input });
    };
    for (const nth of (await forge('')).keys()) {
      const workflowId = `${prefix}mallory-${randomUUID()}`;
      ids.push(workflowId);
      const [label, payloads] = (await forge(workflowId))[nth] ?? ['', []];
      const typedSearchAttributes = [{ key: attributeKeys.state, value: 'done' }];
      const handle = await attacker.send(payloads, (client, args) =>
        client.workflow.start(type, {
          workflowId,
          taskQueue: stack.taskQueue,
          args,
          memo,
          typedSearchAttributes,
        }),
      );
      const end = await handle.result().then(
        () => 'completed',
        (error: unknown) => (error instanceof WorkflowFailedError ? 'failed' : error),
      );
      const events = (await stack.client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
      const activities = events.flatMap(
        ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
      );
      // A Schedule starts each of its runs with the same payload, so a run verifies that its Schedule started it.
      const asks = label === 'an older one of its own' ? confirmations[type] : undefined;
      expect([label, end, activities]).toEqual([
        label,
        asks === undefined ? 'failed' : 'completed',
        asks === undefined ? [] : [asks],
      ]);
    }
    await expectReadable(ids);
  }, 180_000);
});

/** Lists, operations, deliveries and statuses must not fail, and no forged user may be done. */
async function expectReadable(ids: readonly string[]): Promise<void> {
  const { onward } = stack;
  const { items } = await onward.list();
  expect(items.filter(({ userId }) => userId.startsWith('mallory')).every(({ state }) => state !== 'done')).toBe(true);
  const forged = ids.filter((id) => id.startsWith('bulkOperation-'));
  await waitUntil(async () => {
    const { items: operations, unreadable } = await onward.operations.list(200);
    expect(operations.map(({ id }) => operationId(id))).toEqual([idOf('bulkOperation')]);
    return forged.every((id) => unreadable.includes(id));
  }, 'the forged operations are listed as unreadable');
  await Promise.all([
    onward.reconciliations.list(),
    onward.whatIfs.list(),
    onward.webhooks.list(),
    onward.dashboard.refresh(),
    onward.recovery.status(),
  ]);
  for (const id of ids.filter((each) => each.startsWith(journeyId('')))) {
    const status = await onward.status(userOf(id)).catch((error: { readonly code: string }) => error.code);
    expect(status).toBe('unavailable');
  }
}

it('no execution with a memo of an unknown key makes a list, the overview or an erasure fail', async () => {
  const { onward, client } = stack;
  const user = uniqueUserId('mallory');
  const [payload] = await encryptPayload(journeyId(user), 'anything');
  const unreadable = { ...payload, metadata: { ...payload?.metadata, 'encryption-key-id': Buffer.from('retired') } };
  const record = randomUUID();
  const forged = [
    ['onboarding', journeyId(user), RESULT_MEMO],
    ['webhookDelivery', `${deliveryPrefix(user)}1`, 'delivery'],
    ['bulkOperation', operationId(record), 'operation'],
    ['reconciliation', reconciliationId(record), 'reconciliation'],
    ['whatIf', whatIfId(record), 'whatIf'],
    ...Object.values(memoKinds).map(({ type, field, ...kind }) => {
      const isOfUser = type !== memoKinds.shiftNote.type;
      return [type, memoId({ type, field, ...kind }, isOfUser ? user : null, record), field] as const;
    }),
  ] as const;
  const ended: string[] = [];
  for (const [type, workflowId, name] of forged) {
    // No worker polls this task queue, so the executions stay open.
    const request = { workflowId, workflowType: { name: type }, taskQueue: { name: 'mallory' } };
    const memo = { fields: { [name]: unreadable } };
    await connection.workflowService.startWorkflowExecution({
      namespace: 'default',
      requestId: randomUUID(),
      ...request,
      memo,
    });
    ended.push(workflowId);
  }
  try {
    await waitUntil(async () => (await onward.list({ userId: user })).items.length === 1, 'the journey is listed');
    await Promise.all([
      onward.summary(),
      onward.dashboard.refresh(),
      onward.operations.list(),
      onward.reconciliations.list(),
      onward.whatIfs.list(),
      onward.webhooks.list(),
      onward.recovery.status(),
      onward.acts.list(),
      onward.notes.list(user),
      onward.notes.list(null),
    ]);
    await onward.erase(user);
    const { count } = await client.workflow.count(
      `WorkflowId IN ('${journeyId(user)}', '${memoId(memoKinds.note, user, record)}')`,
    );
    expect(count).toBe(0);
  } finally {
    await Promise.all(
      ended.map((id) =>
        client.workflow
          .getHandle(id)
          .terminate()
          .catch(() => {}),
      ),
    );
  }
}, 120_000);

it('no activity carries out an order that was not made for its own run', async () => {
  const provider = createProviderActivities({ baseUrl: stack.sfox.url, apiKey: stack.sfox.apiKey });
  const closing = new AbortController().signal;
  const all = createActivities({
    client: stack.client,
    provider,
    providerId: undefined,
    receiver: undefined,
    policy: quickPolicy,
    quietHours: null,
    userIds: 'caseSensitive',
    taskQueue: stack.taskQueue,
    sendsPerSecond: 1,
    closing,
    isEager: false,
  });
  provider.close();
  const queues = { journeys: stack.taskQueue, sends: sendQueue(stack.taskQueue), checks: checkQueue(stack.taskQueue) };
  const names = (Object.keys(all) as (keyof typeof all)[]).flatMap((queue) =>
    Object.keys(all[queue]).map((name) => [queues[queue], name] as const),
  );
  const own = (await eventsOf('onboarding')).find((event) => event.activityTaskScheduledEventAttributes != null);
  const order = own?.activityTaskScheduledEventAttributes?.input?.payloads ?? [];
  const workflowId = `mallory-${randomUUID()}`;
  const before = stack.sfox.requests().length;
  const forms = [
    [],
    toPlainPayloads('ACTIVITY_ID_NOT_STARTED'),
    toPlainPayloads({ userId: ada, channel: 'email' }),
    order,
  ];
  const commands = names.flatMap(([name, activity]) =>
    forms.map((payloads, nth) => ({
      commandType: COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
      scheduleActivityTaskCommandAttributes: {
        // The recorded request was encrypted for this activity id.
        activityId:
          payloads === order
            ? `${own?.activityTaskScheduledEventAttributes?.activityId}-${activity}`
            : `${activity}-${nth}`,
        activityType: { name: activity },
        taskQueue: { name },
        input: { payloads },
        scheduleToCloseTimeout: msToTs('60 s'),
        retryPolicy: { maximumAttempts: 1 },
      },
    })),
  );
  expect(names.map(([, activity]) => activity)).toEqual(
    expect.arrayContaining(['sendCode', 'confirmCode', 'readUser', 'deliver']),
  );
  await attacker.respondWithCommands('onboarding', workflowId, commands);
  const failures = await waitUntil(async () => {
    const { events } = await stack.client.workflow.getHandle(workflowId).fetchHistory();
    const failed = (events ?? []).flatMap(({ activityTaskFailedEventAttributes: each }) =>
      each == null ? [] : [each.failure],
    );
    return failed.length === commands.length && failed;
  }, 'all activities have failed');
  expect(new Set(failures.map((failure) => failure?.applicationFailureInfo?.type))).toEqual(new Set(['OrderRefused']));
  expect(stack.sfox.requests().length).toBe(before);
  await stack.client.workflow.getHandle(workflowId).terminate();
}, 120_000);

it('the journey continues after all forgeries', async () => {
  expect(callsOf(stack, ada)).toEqual(['send email 200']);
  expect(await enterCode(stack, ada, 'email')).toMatchObject({ outcome: 'verified' });
  await waitForPosition(stack, ada, 'smsPending.awaitingCode');
  expect(await enterCode(stack, ada, 'sms')).toMatchObject({ outcome: 'verified' });
  await waitForPosition(stack, ada, 'done');
});
