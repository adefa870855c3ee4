import { subjectName } from '#channels';
import { actionFacts, actionNames } from '#commands';
import type { ActionName, CommandName, commands, lifecycleActions } from '#commands';
import type { Channel, Status } from 'onward/client';
import { client } from '../api.js';
import { isFinal } from '../labels.js';
import type { CurlRequest } from './curl.js';

/** The operator actions on one journey: their effects and their requests. */

type Facts = typeof commands & typeof lifecycleActions;
/** An action that operators may perform. */
export type OperatorAction = {
  [A in ActionName]: 'operator' extends Facts[A]['roles'][number] ? A : never;
}[ActionName];

export interface Action {
  readonly name: OperatorAction;
  readonly verb: string;
  readonly isDangerous: boolean;
  /** Whether the user id must be typed as confirmation, since the action cannot be undone. */
  readonly isTyped: boolean;
}

const isForOperators = (name: ActionName): name is OperatorAction => actionFacts(name).roles.includes('operator');

export const actions: readonly Action[] = actionNames.filter(isForOperators).map((name) => {
  const { label, confirmation } = actionFacts(name);
  return {
    name,
    verb: label,
    isDangerous: confirmation !== 'none',
    isTyped: confirmation === 'typed',
  };
});

/** Whether the result of an action can be previewed. */
export const hasPreview = (name: ActionName): name is CommandName =>
  name !== 'supersede' && name !== 'restart' && name !== 'erase';

/** The input of the operator. */
export interface ActionInput {
  readonly reason: string;
  /** Only for `supersede`. */
  readonly newUserId: string;
}

/** Performs an action on the journey as it was shown. Repeated with the same idempotency key, it runs once. */
export function perform(
  name: ActionName,
  status: Status,
  { reason, newUserId, idempotencyKey }: ActionInput & { readonly idempotencyKey: string },
): Promise<unknown> {
  const id = status.userId;
  if (name === 'erase') return client.erase(id, { reason });
  if (name === 'supersede') return client.supersede(id, { newUserId, reason }, { idempotencyKey });
  if (name === 'restart') return client.restart(id, { reason }, { idempotencyKey });
  const ifRevision = status.revision ?? undefined;
  return client.send(name, id, { ...channelOf(name, status), reason }, { idempotencyKey, ifRevision });
}

/** Returns the request of an action, to show it as a curl command. */
export function requestOf(
  name: ActionName,
  status: Status,
  { reason, newUserId }: ActionInput,
  key: string,
): CurlRequest {
  const user = `/v1/users/${encodeURIComponent(status.userId)}`;
  if (name === 'erase') return { method: 'DELETE', path: user, body: { reason }, key };
  const link = name === 'supersede' && { newUserId };
  const body = { ...link, ...channelOf(name, status), reason };
  return { method: 'POST', path: `${user}/onboarding/${name}`, body, key };
}

/** The channel that a command requires: the one that is due. */
function channelOf(name: ActionName, { allowed }: Status): { readonly channel?: Channel } {
  const channel = hasPreview(name) ? allowed?.[name]?.channel : undefined;
  return actionFacts(name).channel !== 'required' || channel === undefined ? {} : { channel };
}

/** Returns whether an action is allowed now and, if not, from when. A preview explains why not. */
export function availability(
  name: ActionName,
  { state, allowed, supersededBy }: Status,
): { readonly isAllowed: boolean; readonly at?: string } {
  if (name === 'erase') return { isAllowed: true };
  if (name === 'supersede') return { isAllowed: !isFinal(state) };
  if (name === 'restart') {
    return { isAllowed: supersededBy === null && (state === 'expired' || state === 'cancelled') };
  }
  const entry = allowed?.[name];
  if (entry === undefined) return { isAllowed: false };
  const { at } = entry;
  return at === undefined || Date.parse(at) <= Date.now() ? { isAllowed: true } : { isAllowed: false, at };
}

/** Returns the channel that an action applies to, for its title. */
export function channelSuffix(name: ActionName, { allowed }: Status): string {
  const channel = hasPreview(name) ? allowed?.[name]?.channel : undefined;
  return channel === undefined ? '' : ` ${subjectName(channel)}`;
}
