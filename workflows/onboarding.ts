import { workflowInfo } from '@temporalio/workflow';
import { CommandError, objectOf, parseFlag, setupWorkflow } from './engine/index.ts';
import { attributeKeys, deliveryId, EXPIRED_FAILURE, journeyId, RESULT_MEMO } from './contract.ts';
import type { PreviewRequest, Queries, Signup } from './contract.ts';
import { refusal, refusalDetails, toCommand, updates } from './journey-updates.ts';
import { readAdoptablePolicy } from './journey/policy/adoption.ts';
import { commandLimitsOf, recheckOpensAt } from './journey/limits/command-limits.ts';
import { commandFacts, commandNames } from './journey/commands.ts';
import { observeJourney } from './journey-metrics.ts';
import { detailsOf } from './journey/status/details.ts';
import type { Command } from './journey/events.ts';
import { journeyModel } from './journey/model.ts';
import { parseStart } from './journey/stored/parse-start.ts';
import { previewCommand } from './journey/status/preview.ts';
import { resultOf, successorOf } from './journey/status/result.ts';
import { formatTime, statusOf } from './journey/status/status.ts';
import { timelineOf } from './journey/status/timeline.ts';
import { firstRevision } from './journey/transition.ts';
import type { Journey } from './journey/transition.ts';
import { providerEffects } from './provider-effects.ts';
import type { Activities } from './provider-effects.ts';
import { searchStateOf } from './search-attributes.ts';

/**
 * The onboarding workflow of one user: the machine of `journey/` on the engine.
 *
 * Completes when the user is verified, fails with `JourneyExpired` when the journey expires, and is cancelled when an operator
 * cancels it, so that the workflow id reuse policy can decide which journeys can restart. All three store a `JourneyResult`.
 */
export const onboarding = setupWorkflow({
  model: journeyModel,
  types: { activities: {} as Activities },
}).createWorkflow({
  parseStart: parseSignup,
  input: ({ userId, accountType, policy, provider, restarted }, at) => ({
    userId,
    accountType,
    policy,
    at,
    ...(provider !== undefined && { provider }),
    ...(restarted && { restarted }),
  }),
  firstRevision: (signup) => firstRevision(signup),
  constants: {
    from: ({ notifyReceiver = false }) => ({ notifyReceiver }),
    parse: objectOf({ notifyReceiver: parseFlag }),
  },
  perform: providerEffects,
  updates,
  queries: {
    status: ({ state }): Queries['status']['answer'] => statusOf(state),
    timeline: ({ state }): Queries['timeline']['answer'] => timelineOf(state.log),
    log: ({ state }): Queries['log']['answer'] => state.log,
    preview: ({ state, mustWait }, body) => preview(parsePreviewRequest(body), state, mustWait),
  },
  limit: ({ name, request: { by }, state }) => {
    const { perMinute } = commandLimitsOf(state.snapshot.context.policy);
    const message = `the limit of ${perMinute} commands a minute for this user is reached`;
    return {
      group: by.role,
      perMinute,
      // Recovery has its own rate limit, and a cancellation ends the journey.
      isUnlimited: by.role === 'onward' || name === 'cancel' || name === 'supersede',
      refuse: (retryAt) => refusal('TooManyCommands', message, state, { retryAt }),
    };
  },
  slowTag: 'sending',
  refusalDetails: (state) => refusalDetails(state),
  view: (state) => statusOf(state),
  details: (state) => detailsOf(state),
  observe: () => observeJourney(),
  searchAttributes: {
    keys: { state: attributeKeys.state, step: attributeKeys.step, reason: attributeKeys.reason },
    values: (snapshot) => ({ ...searchStateOf(snapshot) }),
    changedAt: attributeKeys.since,
  },
  onChange: {
    activity: 'startWebhookDelivery',
    request: (state, { notifyReceiver }) => (notifyReceiver ? statusOf(state) : undefined),
    // An erasure finds the deliveries of a journey by this id, which is not encrypted.
    id: (state) => deliveryId(statusOf(state)),
    options: { startToCloseTimeout: '10 s' },
  },
  cancelEvent: () => ({ type: 'cancel', by: { role: 'temporal', name: 'cancellation' }, reason: null }),
  cancelActivity: 'requestCancellation',
  end: (journey) => {
    const result = resultOf(journey);
    const { state } = result.status;
    if (state === 'cancelled') {
      const request = successorOf(journey);
      const last = { activity: 'startSuccessor', request, options: { startToCloseTimeout: '10 s' } } as const;
      return { as: 'cancelled', result, memo: RESULT_MEMO, ...(request !== undefined && { last }) };
    }
    if (state === 'done') return { as: 'completed', result };
    return { as: 'failed', result, type: EXPIRED_FAILURE, message: 'the user did not finish in time' };
  },
});

/**
 * A start is for one user: the one that the workflow id names. A start that this release cannot read fails the workflow task, not the
 * workflow: a newer release may have written it, and its workers can continue.
 */
function parseSignup(body: unknown): Signup {
  const { userId } = Object(body) as Readonly<Record<string, unknown>>;
  if (typeof userId !== 'string' || journeyId(userId) !== workflowInfo().workflowId) {
    throw new CommandError('BadRequest', 'the sign-up belongs to another user');
  }
  return parseStart(body);
}

function parsePreviewRequest(body: unknown): PreviewRequest {
  const { command, asOf, policy } = Object(body) as Readonly<Record<string, unknown>>;
  const adopted = readAdoptablePolicy(policy);
  if (command === 'adoptPolicy' && adopted !== undefined) return { command, policy: adopted };
  const known = commandNames.find((name) => name === command);
  if (known === undefined) throw new Error(`'command' must be one of ${commandNames.join(', ')}`);
  return { command: known, ...(typeof asOf === 'number' && { asOf }) };
}

function preview(
  { command, asOf, policy }: PreviewRequest,
  journey: Journey,
  mustWait: (update: string) => boolean,
): Queries['preview']['answer'] {
  const by = { role: 'operator', name: '' } as const;
  const request = { by, reason: null, ...(asOf !== undefined && { asOf }) };
  const at = Date.now();
  if (command === 'adoptPolicy') return previewCommand(journey, { type: command, ...request, policy, at } as Command);
  const event = { ...toCommand(command, request, journey), at } as Command;
  const opensAt = commandFacts(command).limit === 'recheck' ? recheckOpensAt(journey) : 0;
  if (opensAt > event.at && journey.snapshot.can(event)) {
    return { outcome: 'limited', until: formatTime(opensAt), why: null };
  }
  return mustWait(command) ? 'busy' : previewCommand(journey, event);
}
