import { channels, codeName, isNeeded, subjectName } from '#channels';
import { actionFacts } from '#commands';
import type { Channel, CommandPreview, Status } from 'onward/client';
import type { OperatorAction } from './actions.js';
import { positionLabel } from '../labels.js';

/** What an action does to one journey, in one sentence before it runs, and in another after it. */

interface SentenceInput {
  readonly id: string;
  readonly status: Status;
  readonly channel: Channel;
  /** The code of the channel that is due. */
  readonly code: string;
  /** Whether the preview says that a code is sent; `undefined` without a preview. */
  readonly sends: boolean | undefined;
}

/** The sentence of each action. An action without one is described by the effect in its catalogue. */
const sentences: { readonly [A in OperatorAction]?: (input: SentenceInput) => string } = {
  resend: ({ id, status, channel, code }) =>
    status[channel]?.sends === 0
      ? `Sends ${id} the first ${code}`
      : `Sends ${id} another ${code}; the previous one may stop working`,
  recheck: ({ id }) => `Reads the provider’s record of ${id} and updates the journey from it`,
  retry: ({ id, status, channel, code, sends }) => {
    if (status.step !== 'locked') return `Sends ${id} the ${code} that is due`;
    const unlocks = `Unlocks the ${subjectName(channel)} of ${id}, with new guesses`;
    return sends === true ? `${unlocks}, and sends another ${code}` : unlocks;
  },
  pause: ({ id }) => `Pauses the journey of ${id} and its expiry until an operator resumes it`,
  resume: ({ id, code, sends }) =>
    sends === true
      ? `Resumes the journey of ${id} and sends the ${code} that is due`
      : `Resumes the journey of ${id} where it was paused`,
  cancel: ({ id }) => `Ends the journey of ${id}, which only an operator can restart`,
  override: ({ id, status, channel, sends }) => {
    const marks = `Marks the ${subjectName(channel)} of ${id} as verified by an operator, permanently`;
    const next = nextChannel(channel, status);
    if (next === undefined) return `${marks}, which completes the journey`;
    if (isWantedByProvider(status)) {
      return `${marks}; but the provider’s record, as last read, still wants the ${subjectName(channel)}: unless that has changed, no ${codeName(next)} is sent, and the journey stalls`;
    }
    if (sends === false) return `${marks}, and continues with the ${subjectName(next)}`;
    return `${marks}; then the ${codeName(next)} is sent, unless the provider’s record still wants the ${subjectName(channel)}`;
  },
  supersede: ({ id }) =>
    `Ends the journey of ${id} and starts one for the same person under the new user id, with the counters of the last day`,
  restart: ({ id }) => `Starts a new journey for ${id}, with the counters of the last day and a cool-down first`,
  erase: ({ id }) => `Deletes all data of ${id}; this cannot be undone`,
};

/** The consequence of an action for this journey. */
export function consequenceOf(name: OperatorAction, status: Status, preview?: CommandPreview): string {
  const channel = dueChannel(status);
  const sends = preview === undefined ? undefined : preview.outcome === 'sends';
  const refused = preview?.outcome === 'limited' || preview?.outcome === 'invalidState';
  if (refused) return `This is refused now: nothing happens to ${status.userId}.`;
  const sentence = sentences[name]?.({ id: status.userId, status, channel, code: codeName(channel), sends });
  return sentence === undefined ? actionFacts(name).effect : `${sentence}.`;
}

/** The journeys that an action is restricted to, for those that are. */
const subjects: { readonly [A in OperatorAction]?: string } = {
  retry: 'only a stalled or locked journey can be retried',
  resume: 'only a paused journey can be resumed',
  supersede: 'only an open journey can be superseded',
  restart: 'only an expired or cancelled journey can be restarted',
};

/** Why an action is not possible. */
export function refusalOf(
  name: OperatorAction,
  { state, step, supersededBy }: Status,
  preview?: CommandPreview,
): string {
  if (supersededBy !== null) return `superseded by ${supersededBy}`;
  if (preview?.outcome === 'unanswered') return 'no worker answers';
  const why = preview?.why ?? null;
  if (why !== null && !why.includes('is not allowed in')) return why;
  return subjects[name] ?? `not possible while ${positionLabel(state, step)}`;
}

const results: { readonly [A in OperatorAction]?: (id: string, subject: string) => string } = {
  resend: (id) => `Requested another code for ${id}`,
  recheck: (id) => `Requested the provider’s record of ${id}`,
  retry: (id) => `Retried ${id}`,
  pause: (id) => `Paused ${id}`,
  resume: (id) => `Resumed ${id}`,
  cancel: (id) => `Cancelled the journey of ${id}`,
  override: (id, subject) => `Marked the ${subject} of ${id} as verified`,
  supersede: (id) => `Superseded the journey of ${id}`,
  restart: (id) => `Started a new journey for ${id}`,
  erase: (id) => `Erased all data of ${id}`,
};

/** The result of an action. */
export function resultOf(name: OperatorAction, status: Status): string {
  const { userId } = status;
  return results[name]?.(userId, subjectName(dueChannel(status))) ?? `${actionFacts(name).label}: ${userId}`;
}

/** Whether the provider's record, as last read, still requires the channel that is due: no code of the next one is sent then. */
export const isWantedByProvider = (status: Status): boolean =>
  status.provider?.open.includes(dueChannel(status)) ?? false;

/** The channel whose code is due. */
function dueChannel(status: Status): Channel {
  return channels.find((channel) => status[channel]?.status === 'pending') ?? 'email';
}

function nextChannel(channel: Channel, status: Status): Channel | undefined {
  const { accountType } = status;
  return channels.find(
    (each) =>
      each !== channel && accountType !== null && isNeeded(each, accountType) && status[each]?.status !== 'verified',
  );
}
