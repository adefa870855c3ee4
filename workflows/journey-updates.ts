import type { Channel } from '../activities/contract.ts';
import { BUSY, CommandError } from './engine/core/definition.ts';
import type { UpdateDefinition } from './engine/core/definition.ts';
import type {
  AdoptionRequest,
  ChangedSince,
  CodeRequest,
  CommandRequest,
  SupersedeRequest,
  UpdateFailureDetails,
  UpdateFailureType,
  UpdateName,
  UpdateRequest,
  Updates,
} from './contract.ts';
import { parseAdoptablePolicy } from './journey/policy/adoption.ts';
import { recheckOpensAt } from './journey/limits/command-limits.ts';
import { commandFacts, commandNames, lifecycleActions } from './journey/commands.ts';
import type { CommandName } from './journey/commands.ts';
import { channels } from './journey/channels.ts';
import type { Command } from './journey/events.ts';
import type { Actor } from './journey/actor.ts';
import { currentChannel, guessesLeft } from './journey/limits/limits.ts';
import { SECOND } from './journey/policy/policy.ts';
import { allowedFrom, explainRefusal, previewCommand } from './journey/status/preview.ts';
import { allowedIn, formatTime, positionOf } from './journey/status/status.ts';
import { supersessionOf } from './journey/stored/log.ts';
import type { LogEntry } from './journey/stored/log.ts';
import { timelineOf } from './journey/status/timeline.ts';
import type { Journey, Machine } from './journey/transition.ts';
import { verdictOf } from './recovery/verdict.ts';

/** How long a code waits for a send in flight. Most sends take a fraction of it. */
const SEND_WAIT_MS = 2 * SECOND;

type Update<Request> = UpdateDefinition<Machine, LogEntry, Request>;
type Requests = { readonly [Name in UpdateName]: Updates[Name]['request'] };

/** The updates of a journey. Each checks the caller's role, then whether the machine accepts the command now. */
export const updates: { readonly [Name in UpdateName]: Update<Requests[Name]> } = {
  submitCode: {
    parse: parseCodeRequest,
    event: ({ channel, code, by, reason }) => ({ type: 'submitCode', channel, code, by, reason }),
    waitWhile: { [BUSY]: true, sending: SEND_WAIT_MS },
    alreadyDone: ({ channel }, state) => (isVerified(state, channel) ? { outcome: 'verified' } : undefined),
    refuse: refuseCommand,
    awaitsReply: true,
    result: ({ request, state, reply }): Updates['submitCode']['result'] => {
      if (isVerified(state, request.channel)) return { outcome: 'verified' };
      if (reply?.type === 'code.incorrect') return { outcome: 'incorrect' };
      throw codeNotChecked(state, reply?.type === 'code.notChecked' ? reply.retryAfter : null);
    },
  },
  adoptPolicy: {
    parse: parseAdoptionRequest,
    event: ({ policy, by, reason }) => ({ type: 'adoptPolicy', policy, by, reason }),
    refuse: refuseCommand,
    result: ({ event, before }): Updates['adoptPolicy']['result'] => ({
      preview: previewCommand(before, event as Command),
    }),
  },
  recover: {
    parse: (body) => parseRequest('recover', body),
    event: ({ by, reason }) => ({ type: 'recover', by, reason }),
    refuse: refuseCommand,
    awaitsReply: true,
    result: ({ state, reply }): Updates['recover']['result'] => ({
      verdict: isOffered(state) ? { offered: true, reachedProvider: true, reason: null } : verdictOf(reply),
    }),
  },
  supersede: {
    parse: parseSupersedeRequest,
    event: ({ by, reason, newUserId, changed }) => ({
      type: 'cancel',
      by,
      reason,
      supersededBy: newUserId,
      ...(changed !== undefined && { changed }),
    }),
    alreadyDone: ({ newUserId }, { log }) => (supersessionOf(log)?.supersededBy === newUserId ? {} : undefined),
    refuse: ({ event, state }) =>
      refusal('NotNow', explainRefusal(state.snapshot, event as Command).replace('cancel', 'supersede'), state),
    check: ({ request, state }) => {
      const isOperator = request.by.role === 'operator';
      if (request.changed !== undefined && !isOperator) {
        throw refusal('NotPermitted', 'only an operator can reset the counters of a channel', state);
      }
      // An operator may have paused the journey to investigate it. Another user id must not avoid that.
      if (isOperator || positionOf(state.snapshot).step !== 'paused') return;
      throw refusal('NotNow', 'only an operator can supersede a paused journey', state);
    },
    result: () => ({}),
  },
  ...(Object.fromEntries(commandNames.map((name) => [name, commandUpdate(name)])) as {
    readonly [Name in CommandName]: Update<CommandRequest>;
  }),
};

/** The event of a command. A command without a channel is for the current one. */
export function toCommand(
  name: CommandName,
  { by, reason, channel, asOf }: CommandRequest,
  { snapshot }: Journey,
): Omit<Command, 'at'> & { readonly type: CommandName; readonly channel: Channel } {
  return {
    type: name,
    channel: channel ?? currentChannel(snapshot.context),
    by,
    reason,
    ...(asOf !== undefined && { asOf }),
  };
}

/** The details of a refusal, in the journey's current state. */
export function refusalDetails(
  { snapshot }: Journey,
  {
    retryAt = null,
    left = null,
    changed,
  }: { readonly retryAt?: number | null; readonly left?: number | null; readonly changed?: ChangedSince } = {},
): UpdateFailureDetails {
  return {
    ...positionOf(snapshot),
    allowed: allowedIn(snapshot),
    retryAt: retryAt === null ? null : formatTime(retryAt),
    guessesLeft: left,
    ...(changed !== undefined && { changed }),
  };
}

/** Why a journey refuses a command. */
export function refusal(
  type: UpdateFailureType,
  message: string,
  journey: Journey,
  more?: Parameters<typeof refusalDetails>[1],
): CommandError {
  return new CommandError(type, message, refusalDetails(journey, more));
}

function commandUpdate(name: CommandName): Update<CommandRequest> {
  return {
    parse: (body) => parseCommandRequest(name, body),
    event: (request, journey) => toCommand(name, request, journey),
    refuse: (refused) => revisionRefusal(refused) ?? refuseCommand(refused),
    check: (checked) => {
      const differs = revisionRefusal(checked);
      if (differs !== undefined) throw differs;
      if (commandFacts(name).limit === 'recheck') checkRecheckLimit(checked);
    },
    result: ({ event, before }): Updates[CommandName]['result'] => ({
      preview: previewCommand(before, event as Command),
    }),
  };
}

/** The refusal of a command whose caller has seen another revision. It names what the caller has not seen. */
function revisionRefusal({
  request: { ifRevision },
  state,
}: {
  readonly request: CommandRequest;
  readonly state: Journey;
}): CommandError | undefined {
  const { revision, log } = state;
  if (ifRevision === undefined || ifRevision === revision) return undefined;
  const since = ifRevision < revision ? timelineOf(log.slice(-(revision - ifRevision))) : [];
  const newest = since.findLast(({ by }) => by !== null) ?? since.at(-1) ?? null;
  const message = `the journey is at revision ${revision}, not ${ifRevision}`;
  return refusal('RevisionDiffers', message, state, { changed: { revision, newest } });
}

function refuseCommand({ event, state }: { readonly event: unknown; readonly state: Journey }): CommandError {
  const command = event as Command;
  const opensAt = allowedFrom(state.snapshot, command);
  if (opensAt === undefined) return refusal('NotNow', explainRefusal(state.snapshot, command), state);
  const message = `${command.type} is allowed from ${formatTime(opensAt)}`;
  return refusal('CoolingDown', message, state, { retryAt: opensAt });
}

function checkRecheckLimit({ event, state }: { readonly event: unknown; readonly state: Journey }): void {
  const opensAt = recheckOpensAt(state);
  if (opensAt <= (event as Command).at) return;
  throw refusal('CoolingDown', `recheck is allowed from ${formatTime(opensAt)}`, state, { retryAt: opensAt });
}

/** `retryAfter`: milliseconds, if the provider gave a time. */
function codeNotChecked(journey: Journey, retryAfter: number | null): CommandError {
  const { context } = journey.snapshot;
  return refusal('ProviderUnavailable', 'the provider did not check the code', journey, {
    retryAt: retryAfter === null ? null : Date.now() + retryAfter,
    left: guessesLeft(context, currentChannel(context)),
  });
}

const isOffered = ({ snapshot }: Journey) => snapshot.context.offeredSince !== null;

function isVerified({ snapshot }: Journey, channel: Channel): boolean {
  return snapshot.context.evidence[channel] !== null;
}

/** The roles that may send an update: of the gateway, or Onward itself, for recovery and for a repeated sign-up. */
function rolesOf(name: UpdateName): readonly string[] {
  if (name === 'recover') return ['onward'];
  if (name === 'supersede') return lifecycleActions.supersede.roles;
  if (name === 'adoptPolicy') return ['operator'];
  const { roles } = commandFacts(name);
  return name === 'recheck' ? [...roles, 'onward'] : roles;
}

function parseRequest(name: UpdateName, body: unknown): UpdateRequest {
  const { by, reason } = fields(body);
  const { role, name: who } = fields(by);
  if (typeof role !== 'string' || typeof who !== 'string') throw badRequest(name, 'by', 'a role and a name');
  if (!rolesOf(name).includes(role)) {
    const roles = rolesOf(name).join(' or ');
    throw new CommandError(
      'NotPermitted' satisfies UpdateFailureType,
      `${name} requires the role ${roles}; got ${role}`,
    );
  }
  if (reason !== null && typeof reason !== 'string') throw badRequest(name, 'reason', 'a text or null');
  return { by: { role: role as Actor['role'], name: who }, reason };
}

function parseCommandRequest(name: CommandName, body: unknown): CommandRequest {
  const { channel, asOf, ifRevision } = fields(body);
  if (asOf !== undefined && typeof asOf !== 'number') throw badRequest(name, 'asOf', 'a time in milliseconds');
  if (ifRevision !== undefined && typeof ifRevision !== 'number') {
    throw badRequest(name, 'ifRevision', 'the revision of a status');
  }
  return {
    ...parseRequest(name, body),
    ...(channel !== undefined && { channel: parseChannel(name, channel) }),
    ...(asOf !== undefined && { asOf }),
    ...(ifRevision !== undefined && { ifRevision }),
  };
}

function parseSupersedeRequest(body: unknown): SupersedeRequest {
  const { newUserId, changed } = fields(body);
  if (typeof newUserId !== 'string') throw badRequest('supersede', 'newUserId', 'a user id');
  const request = { ...parseRequest('supersede', body), newUserId };
  return changed === undefined ? request : { ...request, changed: parseChannel('supersede', changed) };
}

function parseAdoptionRequest(body: unknown): AdoptionRequest {
  const policy = parseAdoptablePolicy(fields(body)['policy'], 'adoptPolicy.policy');
  return { ...parseRequest('adoptPolicy', body), policy };
}

function parseCodeRequest(body: unknown): CodeRequest {
  const { channel, code } = fields(body);
  if (typeof code !== 'string') throw badRequest('submitCode', 'code', 'a text');
  return { ...parseRequest('submitCode', body), channel: parseChannel('submitCode', channel), code };
}

function parseChannel(name: UpdateName, channel: unknown): Channel {
  const known = channels.find((each) => each === channel);
  if (known === undefined) throw badRequest(name, 'channel', `one of ${channels.join(', ')}`);
  return known;
}

function badRequest(name: UpdateName, field: string, wanted: string): CommandError {
  return new CommandError('BadRequest' satisfies UpdateFailureType, `${name}: '${field}' must be ${wanted}`);
}

const fields = (body: unknown): Readonly<Record<string, unknown>> => Object(body) as Readonly<Record<string, unknown>>;
