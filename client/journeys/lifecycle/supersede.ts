import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Channel } from '../../../activities/contract.ts';
import type { Status } from '../../../workflows/journey/status/status.ts';
import { BadRequest, InvalidState, JourneyExists, NotFound, NotPermitted, Unavailable } from '../../errors.ts';
import { CLOSED, sendUpdate } from '../idempotent-update.ts';
import type { Caller } from '../idempotent-update.ts';
import { explainState } from '../start.ts';
import type { StatusReader } from '../status-reader.ts';

export interface SupersedeRequest {
  /** The id under which the person is registered again. */
  readonly newUserId: string;
  readonly reason: string;
  /** The channel whose address or number changes: its counters are not carried. Only for operators. */
  readonly channel?: Channel | undefined;
}

/** How long to wait for the end of the old journey and the start of the new one. */
const SUCCESSOR_TIMEOUT_MS = 9_000;
const POLL_INTERVAL_MS = 100;

/**
 * Replaces a journey by that of the same person under another user id.
 *
 * One command cancels the old journey, which starts the new one as its last activity. So the new journey starts only after the old one
 * has ended, and it starts even if the caller, this process or a worker has died.
 */
export class JourneySuperseder {
  readonly #client: Client;
  readonly #statusReader: StatusReader;

  constructor(client: Client, statusReader: StatusReader) {
    this.#client = client;
    this.#statusReader = statusReader;
  }

  /** See `Onward.supersede`. */
  async supersede(userId: string, request: SupersedeRequest, caller: Caller): Promise<void> {
    const { newUserId, reason, channel } = request;
    if (newUserId === userId) {
      throw new BadRequest('newUserId', `newUserId must be another user id; got ${newUserId}, the one to supersede`);
    }
    if (channel !== undefined && caller.role !== 'operator') {
      const command = `onward supersede ${userId} ${newUserId} --channel ${channel} --reason …`;
      throw new NotPermitted('resetting the counters of a channel', command);
    }
    const { supersededBy } = await this.#statusReader.status(userId);
    if (supersededBy !== newUserId && (await this.#exists(newUserId))) throw new JourneyExists(newUserId);
    const update = { newUserId, reason, ...(channel !== undefined && { changed: channel }) };
    const reply = await sendUpdate(this.#client, userId, 'supersede', update, caller, SUCCESSOR_TIMEOUT_MS);
    if (reply === CLOSED) await this.#checkSuperseded(userId, newUserId);
    await this.#waitForSuccessor(userId, newUserId);
  }

  /** A journey that has ended accepts only a repetition of the request that has superseded it. */
  async #checkSuperseded(userId: string, newUserId: string): Promise<void> {
    const status = await this.#statusReader.status(userId);
    if (status.supersededBy === newUserId) return;
    throw notAllowed(status);
  }

  async #waitForSuccessor(userId: string, newUserId: string): Promise<void> {
    for (const deadline = Date.now() + SUCCESSOR_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_INTERVAL_MS)) {
      if (await this.#exists(newUserId)) return;
      await this.#checkOpen(userId, newUserId);
    }
    throw new Unavailable(
      `the journey of ${newUserId} starts once that of ${userId} has ended; repeat the request in a few seconds`,
    );
  }

  /**
   * Checks that the new journey can still start: a journey that has ended has started it before, unless it was terminated.
   *
   * @throws NotFound
   */
  async #checkOpen(userId: string, newUserId: string): Promise<void> {
    const { status } = await this.#statusReader.describe(userId);
    if (status.name === 'RUNNING' || (await this.#exists(newUserId))) return;
    throw new NotFound(
      `the journey of ${newUserId}, which has superseded that of ${userId}, is gone: its user was erased, or the old journey was terminated; start it if the user is to be verified`,
    );
  }

  async #exists(userId: string): Promise<boolean> {
    try {
      await this.#statusReader.describe(userId);
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }
}

function notAllowed(status: Status): InvalidState {
  const { state, step, allowed } = status;
  return new InvalidState(`supersede is not allowed in ${explainState(status)}`, {
    state,
    step,
    allowed: allowed ?? {},
  });
}
