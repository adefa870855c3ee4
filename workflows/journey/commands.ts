import type { Channel } from '../../activities/contract.ts';
import type { Role } from './roles.ts';

/** Whether a command takes an argument. */
type Need = 'required' | 'optional' | 'none';

/** The facts about a command. */
export interface CommandFacts {
  /** The text of its button. */
  readonly label: string;
  /** What it does, as a sentence without a period. */
  readonly summary: string;
  /** What operators should know before they use it. */
  readonly effect: string;
  /** The roles that may send it. */
  readonly roles: readonly Exclude<Role, 'viewer'>[];
  /** The channel that it is for. Without one, it is for the channel that is due. */
  readonly channel: Need;
  readonly reason: Need;
  /** Whether a bulk operation can apply it to many journeys. */
  readonly bulk: boolean;
  /** How the console asks for confirmation: not at all, with a red button, or by typing the user id. */
  readonly confirmation: 'none' | 'danger' | 'typed';
  /** If there is nothing to do, the command changes nothing and returns the status. */
  readonly isNeverRefused?: true;
  /** The limit that may delay it. */
  readonly limit?: 'send' | 'recheck';
  /** Whether it always requests a code. It is refused while the send budget of all journeys is used up. */
  readonly asksForCode?: true;
  /** The arguments of the examples in the OpenAPI document and in the help of the CLI. */
  readonly example: { readonly channel?: Channel; readonly reason?: string; readonly code?: string };
}

/**
 * The commands of a journey. Updates, roles, routes and their schemas, the methods of both clients, the CLI, the console, bulk operations and
 * the docs are derived from this object. The module imports nothing at runtime, since browsers load it too.
 */
export const commands = {
  submitCode: {
    label: 'Submit a code',
    summary: 'Submits a verification code',
    effect: 'The code is checked by the provider and never stored.',
    roles: ['app'],
    channel: 'required',
    reason: 'none',
    bulk: false,
    confirmation: 'none',
    example: { channel: 'email', code: '482915' },
    timeline: (channel) => `Submitted the ${channel} code`,
  },
  resend: {
    label: 'Resend',
    summary: 'Requests another code, or the first text message',
    effect: 'The previous code may stop working.',
    roles: ['app', 'operator'],
    channel: 'optional',
    reason: 'optional',
    bulk: true,
    confirmation: 'none',
    limit: 'send',
    asksForCode: true,
    example: { channel: 'sms' },
    timeline: (channel) => `Requested another ${channel} code`,
  },
  visit: {
    label: 'Visit',
    summary: 'Reports that the user is back, and sends the code that is offered',
    effect: 'Changes nothing if no code is due.',
    roles: ['app'],
    channel: 'none',
    reason: 'none',
    bulk: false,
    confirmation: 'none',
    isNeverRefused: true,
    example: {},
    timeline: () => 'The user came back',
  },
  recheck: {
    label: 'Recheck',
    summary: 'Reads the provider’s record and updates the journey from it',
    effect: 'Does not send a code itself.',
    roles: ['app', 'operator'],
    channel: 'none',
    reason: 'optional',
    bulk: true,
    confirmation: 'none',
    limit: 'recheck',
    example: {},
    timeline: () => "Requested the provider's record",
  },
  retry: {
    label: 'Retry',
    summary: 'Sends the code that is due, or unlocks a locked channel',
    effect: 'An unlocked channel has new guesses.',
    roles: ['operator'],
    channel: 'none',
    reason: 'required',
    bulk: true,
    confirmation: 'none',
    limit: 'send',
    example: { reason: 'the mailbox works again' },
    timeline: () => 'Retried',
  },
  pause: {
    label: 'Pause',
    summary: 'Pauses a journey and its expiry',
    effect: 'Requests in flight are completed first.',
    roles: ['operator'],
    channel: 'none',
    reason: 'required',
    bulk: true,
    confirmation: 'none',
    example: { reason: 'under review' },
    timeline: () => 'Paused',
  },
  resume: {
    label: 'Resume',
    summary: 'Resumes a paused journey from the same state',
    effect: 'Sends a code if one is due.',
    roles: ['operator'],
    channel: 'none',
    reason: 'required',
    bulk: true,
    confirmation: 'none',
    example: { reason: 'review is over' },
    timeline: () => 'Resumed',
  },
  cancel: {
    label: 'Cancel',
    summary: 'Cancels a journey',
    effect: 'Requests in flight are completed first. An operator can restart it.',
    roles: ['operator'],
    channel: 'none',
    reason: 'required',
    bulk: true,
    confirmation: 'danger',
    example: { reason: 'the user asked for it' },
    timeline: () => 'Cancelled',
  },
  override: {
    label: 'Override',
    summary: 'Marks a channel as verified',
    effect: 'The evidence permanently shows that an operator did it.',
    roles: ['operator'],
    channel: 'required',
    reason: 'required',
    bulk: false,
    confirmation: 'danger',
    example: { channel: 'email', reason: 'passport was shown' },
    timeline: (channel) => `Marked ${channel} as verified`,
  },
} as const satisfies Readonly<Record<string, CommandFacts & { readonly timeline: (channel: string) => string }>>;

/** Actions that start, replace or erase a journey. The console and the CLI show them beside the commands. */
export const lifecycleActions = {
  supersede: {
    label: 'Supersede',
    summary: 'Cancels a journey and starts another for the same person, under a new user id',
    effect:
      'For another address or number: register the person at sFOX under the new id first. The new journey takes over the counters of the last day.',
    roles: ['app', 'operator'],
    channel: 'optional',
    reason: 'required',
    bulk: false,
    confirmation: 'danger',
    example: { reason: 'the phone number has changed' },
  },
  restart: {
    label: 'Restart',
    summary: 'Starts a new journey after an expired or cancelled one',
    effect: 'It takes over the counters of the last day, and its first send waits for the cool-down.',
    roles: ['app', 'operator'],
    channel: 'none',
    reason: 'required',
    bulk: false,
    confirmation: 'none',
    example: { reason: 'the user is back' },
  },
  erase: {
    label: 'Erase',
    summary: 'Permanently deletes all data of a user',
    effect: 'Cancels the journey, deletes it from Temporal and verifies the deletion. This cannot be undone.',
    roles: ['operator'],
    channel: 'none',
    reason: 'required',
    bulk: false,
    confirmation: 'typed',
    example: { reason: 'the user asked for it' },
  },
} as const satisfies Readonly<Record<string, CommandFacts>>;

type Commands = typeof commands;
export type CommandType = keyof Commands;
export const commandTypes = Object.keys(commands) as CommandType[];

/** The facts of a command, without their literal types. */
export const commandFacts = (type: CommandType): CommandFacts => commands[type];

/** The commands but `submitCode`, whose reply is the outcome of the code. All others share one route, one update and one reply. */
export type CommandName = Exclude<CommandType, 'submitCode'>;
export const commandNames = commandTypes.filter((type): type is CommandName => type !== 'submitCode');

/** The commands that a bulk operation can apply. */
export type BulkCommand = { [C in CommandName]: Commands[C]['bulk'] extends true ? C : never }[CommandName];
export const bulkCommands = commandNames.filter((name): name is BulkCommand => commands[name].bulk);

type OperationFacts = Pick<CommandFacts, 'label' | 'effect' | 'confirmation'>;

/** The commands of bulk operations only. */
const operationOnly = {
  adoptPolicy: {
    label: 'Adopt a policy',
    effect: 'Their open journeys follow the policy of this file from now on.',
    confirmation: 'danger',
  },
  resendWebhooks: {
    label: 'Resend webhooks',
    effect: 'Each status change is delivered again at once, with the same id as before.',
    confirmation: 'none',
  },
} as const satisfies Readonly<Record<string, OperationFacts>>;

/** The commands that a bulk operation sends to journeys. */
export type JourneyOperationCommand = BulkCommand | 'adoptPolicy';
export const journeyOperationCommands: readonly JourneyOperationCommand[] = [...bulkCommands, 'adoptPolicy'];
/** The commands of bulk operations. `resendWebhooks` is for undelivered webhooks, all others are for journeys. */
export type OperationCommand = JourneyOperationCommand | 'resendWebhooks';
export const operationCommands: readonly OperationCommand[] = [...journeyOperationCommands, 'resendWebhooks'];
export const operationFacts = (command: OperationCommand): OperationFacts =>
  ({ ...commands, ...operationOnly })[command];
export const operationLabel = (command: OperationCommand): string => operationFacts(command).label;
/** What a bulk operation acts on, in the singular for a count of 1. */
export const operationTarget = (command: OperationCommand, count: number): string =>
  `${command === 'resendWebhooks' ? 'webhook' : 'journey'}${count === 1 ? '' : 's'}`;

/** What an operator can do to one journey: a command, or an action that starts, replaces or erases the journey. */
export type ActionName = CommandName | keyof typeof lifecycleActions;
export const actionNames: readonly ActionName[] = [...commandNames, 'supersede', 'restart', 'erase'];
/** The facts of an action, without their literal types. */
export const actionFacts = (name: ActionName): CommandFacts => ({ ...commands, ...lifecycleActions })[name];

type Field<Name extends string, N extends Need, T> = N extends 'required'
  ? { readonly [K in Name]: T }
  : N extends 'optional'
    ? { readonly [K in Name]?: T | undefined }
    : unknown;

/** The arguments of a command. */
export type CommandArguments<C extends CommandName> = Field<'channel', Commands[C]['channel'], Channel> &
  Field<'reason', Commands[C]['reason'], string>;

interface EventFields {
  readonly submitCode: { readonly code: string };
  /** `asOf`: the time of the state that a bulk operation has seen. If a code was sent after it, none is sent. */
  readonly resend: { readonly asOf?: number | undefined };
  readonly cancel: Partial<Supersession>;
}

/** A cancellation that starts the same person's journey under another user id. */
export interface Supersession {
  /** The other user id. */
  readonly supersededBy: string;
  /** The channel whose address or number changes, if an operator has named it: its counters are not carried. */
  readonly changed?: Channel;
}

/** A command as an event of the machine, without its caller and its time. A command for a channel always names it. */
export type CommandEvent = {
  [C in CommandType]: { readonly type: C } & (Commands[C]['channel'] extends 'none'
    ? unknown
    : { readonly channel: Channel }) &
    (C extends keyof EventFields ? EventFields[C] : unknown);
}[CommandType];
