import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { z } from 'zod';
import type { Actor } from '../../workflows/journey/actor.ts';
import { findTextProblem } from '../../workflows/journey/status/text.ts';
import { BadRequest, NotFound } from '../errors.ts';
import { translatingErrors } from '../journeys/status-reader.ts';
import { listMemos, memoId, memoKinds, memoPrefix, StoredActor, writeMemo } from './memo-store.ts';
import { checkLimit } from '../search/list-executions.ts';
import { isNotFound } from '../temporal/grpc-codes.ts';
import { describeWorkflow, memoOf, readMemo } from '../temporal/messages.ts';
import { parseUnknown } from '../../workflows/engine/core/parse-values.ts';

/** A text of an operator for the other operators. */
export interface Note {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly by: Actor;
  readonly text: string;
}

const StoredNote: z.ZodType<Note> = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  by: StoredActor,
  text: z.string(),
});

export interface NotePage {
  readonly items: readonly Note[];
  /** Cursor of the next page; `null` on the last page. */
  readonly next: string | null;
}

export const MAX_NOTE_LENGTH = 1_000;

/**
 * Writes, lists and removes notes: on a person, until they are removed or the person is erased, and for the shift, for seven days.
 * Needs no worker. Visibility lists a note within a second.
 */
export class Notes {
  readonly #client: Client;
  readonly #checkUser: (userId: string) => Promise<unknown>;

  /** @param checkUser throws `NotFound` if the person has no journey */
  constructor(client: Client, checkUser: (userId: string) => Promise<unknown>) {
    this.#client = client;
    this.#checkUser = checkUser;
  }

  /**
   * Writes a note.
   *
   * @param userId the person; `null` for the shift
   * @throws NotFound if the person has no journey
   */
  async add(userId: string | null, text: string, { role, name }: Actor): Promise<Note> {
    const problem = findTextProblem(text);
    if (problem !== undefined || text.trim() === '' || text.length > MAX_NOTE_LENGTH) {
      throw new BadRequest('text', problem ?? `text must have 1 to ${MAX_NOTE_LENGTH} characters`);
    }
    if (userId !== null) await this.#checkUser(userId);
    const note: Note = { id: randomUUID(), at: new Date().toISOString(), by: { role, name }, text };
    const kind = kindFor(userId);
    await translatingErrors(() => writeMemo(this.#client, kind, memoId(kind, userId, note.id), note));
    if (userId !== null) await this.#removeUnlessUser(userId, note.id);
    return note;
  }

  /** An erasure that ended while the note was being written could not find the note. */
  async #removeUnlessUser(userId: string, id: string): Promise<void> {
    try {
      await this.#checkUser(userId);
    } catch (error) {
      await this.remove(userId, id);
      throw error;
    }
  }

  /**
   * Lists the notes on a person, or for the shift, the newest first.
   *
   * @param limit 1 to 200
   * @param cursor `next` of the previous page
   */
  list(userId: string | null, limit = 50, cursor?: string): Promise<NotePage> {
    return translatingErrors(async () => {
      checkLimit(limit, 'notes');
      const kind = kindFor(userId);
      const conditions = [`ExecutionStatus = 'Running'`, `WorkflowId STARTS_WITH '${memoPrefix(kind, userId)}'`];
      const { memos, next } = await listMemos(this.#client, kind, StoredNote, conditions, { limit, cursor });
      // The prefix also matches longer user ids.
      return { items: memos.filter((memo) => memo.userId === userId).map(({ body }) => body), next };
    });
  }

  /** Removes a note permanently, and returns it. Throws `NotFound`. */
  remove(userId: string | null, id: string): Promise<Note> {
    const kind = kindFor(userId);
    const workflowId = memoId(kind, userId, id);
    const { namespace } = this.#client.options;
    return translatingErrors(async () => {
      try {
        const described = await describeWorkflow(this.#client, workflowId);
        const { data: note } = StoredNote.safeParse(
          await readMemo(this.#client, memoOf(described), kind.field, parseUnknown),
        );
        if (note === undefined) throw new NotFound(NO_SUCH_NOTE);
        const workflowExecution = { workflowId, runId: described.runId };
        await this.#client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
        return note;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError || isNotFound(error)) throw new NotFound(NO_SUCH_NOTE);
        throw error;
      }
    });
  }
}

const NO_SUCH_NOTE = 'no note has this id';
const kindFor = (userId: string | null) => (userId === null ? memoKinds.shiftNote : memoKinds.note);
