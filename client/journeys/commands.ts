import type { Client } from '@temporalio/client';
import type { Channel } from '../../activities/contract.ts';
import { commandFacts } from '../../workflows/journey/commands.ts';
import type { CommandName } from '../../workflows/journey/commands.ts';
import { channels } from '../../workflows/journey/channels.ts';
import { isFinal } from '../../workflows/journey/status/status.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { BadRequest, checkReason, InvalidState, NotFound, Unavailable } from '../errors.ts';
import { checkUserId } from '../validation.ts';
import { isErased } from './lifecycle/erase.ts';
import { CLOSED, sendUpdate } from './idempotent-update.ts';
import type { Caller } from './idempotent-update.ts';
import { translatingErrors } from './status-reader.ts';
import type { StatusReader } from './status-reader.ts';
import { parseCode } from './verification-code.ts';

export type CodeOutcome =
  | { readonly outcome: 'verified' | 'incorrect'; readonly status: Status }
  /** No reply in time. Repeat the request with the same idempotency key to get the outcome. */
  | { readonly outcome: 'pending' };

/** The arguments of any command. */
export interface CommandRequest {
  readonly reason?: string | undefined;
  readonly channel?: Channel | undefined;
  /** The revision of the status that the caller has seen: with another one, the command is refused. */
  readonly ifRevision?: number | undefined;
}

const COMMAND_TIMEOUT_MS = 9_000;
const CODE_TIMEOUT_MS = 15_000;

/** Validates commands and codes, sends them to the user's journey and waits for the result. */
export class JourneyCommands {
  readonly #client: Client;
  readonly #statusReader: StatusReader;
  readonly #commandTimeout: number;
  readonly #codeTimeout: number;

  /** Timeouts are in milliseconds. */
  constructor(
    client: Client,
    statusReader: StatusReader,
    { commandTimeout = COMMAND_TIMEOUT_MS, codeTimeout = CODE_TIMEOUT_MS },
  ) {
    this.#client = client;
    this.#statusReader = statusReader;
    this.#commandTimeout = commandTimeout;
    this.#codeTimeout = codeTimeout;
  }

  /** Submits a verification code. See `Onward.submitCode`. */
  async submitCode(userId: string, request: { channel: Channel; code: string }, caller: Caller): Promise<CodeOutcome> {
    checkUserId(userId);
    const { channel } = request;
    checkChannel(channel);
    const code = parseCode(request.code);
    const args = { channel, code, reason: null };
    try {
      const reply = await sendUpdate(this.#client, userId, 'submitCode', args, caller, this.#codeTimeout);
      if (reply !== CLOSED) return { outcome: reply.outcome, status: reply.status };
    } catch (error) {
      if (error instanceof Unavailable && error.afterDeadline) return { outcome: 'pending' };
      throw error;
    }
    const status = await this.#closedStatus(userId);
    if (status[channel]?.status === 'verified') return { outcome: 'verified', status };
    throw notAllowed('submitCode', status);
  }

  /** Sends a command and returns the status after it. Throws the errors of `Onward.send`, except for `SendBudgetSpent`. */
  async send(name: CommandName, userId: string, command: CommandRequest, caller: Caller): Promise<Status> {
    const { channel, reason, ifRevision } = command;
    checkUserId(userId);
    if (channel !== undefined) checkChannel(channel);
    if (reason !== undefined || commandFacts(name).reason === 'required') checkReason(reason ?? '');
    const request = {
      ...(channel !== undefined && { channel }),
      reason: reason ?? null,
      ...(ifRevision !== undefined && { ifRevision }),
    };
    try {
      const reply = await sendUpdate(this.#client, userId, name, request, caller, this.#commandTimeout);
      if (reply !== CLOSED) return reply.status;
    } catch (error) {
      if (error instanceof InvalidState && commandFacts(name).isNeverRefused) return this.#statusReader.status(userId);
      throw error;
    }
    const status = await this.#closedStatus(userId);
    if (commandFacts(name).isNeverRefused) return status;
    throw notAllowed(name, status);
  }

  /** Returns the status of a closed journey. Throws `NotFound` if it was erased or is being erased. */
  async #closedStatus(userId: string): Promise<Status> {
    if (await translatingErrors(() => isErased(this.#client, userId))) throw new NotFound();
    const status = await this.#statusReader.status(userId);
    if (isFinal(status.state)) return status;
    throw new Unavailable('a new run of this journey has just begun; retry in a second', {
      heldUp: true,
      retryAfter: 1,
    });
  }
}

function checkChannel(channel: Channel): void {
  if (!channels.includes(channel)) throw new BadRequest('channel', `channel must be one of ${channels.join(', ')}`);
}

function notAllowed(name: string, { state, step, allowed }: Status): InvalidState {
  return new InvalidState(`${name} is not allowed in ${state}`, { state, step, allowed: allowed ?? {} });
}
