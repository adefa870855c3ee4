import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { BadRequest } from '../errors.ts';
import { translatingErrors } from '../journeys/status-reader.ts';
import { actResults } from './act.ts';
import type { Act, ActResult } from './act.ts';
import { listMemos, memoId, memoKinds, memoPrefix, StoredActor, writeMemo } from './memo-store.ts';
import { allPages, checkLimit } from '../search/list-executions.ts';
import { checkUserId } from '../validation.ts';

const StoredAct: z.ZodType<Act> = z.object({
  at: z.iso.datetime(),
  by: StoredActor,
  act: z.string(),
  userId: z.string().nullable(),
  subject: z.string().nullable(),
  reason: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()).nullable(),
  result: z.enum(actResults),
  status: z.int(),
  requestId: z.string(),
});

/** Selects acts. All fields must match. */
export interface ActFilter {
  readonly userId?: string;
  /** The operator's name. */
  readonly by?: string;
  readonly act?: string;
  readonly result?: ActResult;
  /** RFC 3339; `from` inclusive, `to` exclusive. */
  readonly from?: string;
  readonly to?: string;
}

export interface ActPage {
  readonly items: readonly Act[];
  /** Cursor of the next page; `null` on the last page. A page may have fewer items than the limit before that. */
  readonly next: string | null;
}

/** The most pages of Temporal that are read for one page of acts, if the filter matches few. */
const MAX_SCANNED_PAGES = 10;
const WRITE_TIMEOUT_MS = 2_000;

/** Records and lists the acts of operators at all gateways. They are stored for the namespace's retention. Needs no worker. */
export class Acts {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Records an act. Throws an error of the SDK if it is not recorded within two seconds. */
  async record(act: Act): Promise<void> {
    const workflowId = memoId(memoKinds.act, act.userId, randomUUID());
    await this.#client.withDeadline(Date.now() + WRITE_TIMEOUT_MS, () =>
      writeMemo(this.#client, memoKinds.act, workflowId, act),
    );
  }

  /**
   * Lists acts, the newest first.
   *
   * @param limit 1 to 200
   * @param cursor `next` of the previous page
   */
  list(filter: ActFilter = {}, limit = 50, cursor?: string): Promise<ActPage> {
    return translatingErrors(async () => {
      checkLimit(limit, 'acts');
      const conditions = conditionsOf(filter);
      const read = (at?: string) =>
        listMemos(this.#client, memoKinds.act, StoredAct, conditions, { limit, cursor: at });
      let page = await read(cursor);
      for (let scanned = 1; ; scanned += 1) {
        const items = page.memos.map(({ body }) => body).filter((act) => matches(act, filter));
        if (items.length > 0 || page.next === null || scanned === MAX_SCANNED_PAGES) return { items, next: page.next };
        page = await read(page.next);
      }
    });
  }

  /** Lists all acts that match a filter, the newest first, a page at a time. */
  listAll(filter: ActFilter): AsyncGenerator<readonly Act[], void, undefined> {
    return allPages((limit, cursor) => this.list(filter, limit, cursor));
  }
}

/** Converts the fields that Temporal can filter by to conditions of a visibility query. */
function conditionsOf({ userId, from, to }: ActFilter): string[] {
  if (userId !== undefined) checkUserId(userId);
  return [
    ...(userId === undefined ? [] : [`WorkflowId STARTS_WITH '${memoPrefix(memoKinds.act, userId)}'`]),
    ...(from === undefined ? [] : [`StartTime >= '${timeOf('from', from)}'`]),
    ...(to === undefined ? [] : [`StartTime < '${timeOf('to', to)}'`]),
  ];
}

function timeOf(field: string, text: string): string {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new BadRequest(field, `${field} must be an RFC 3339 time; got ${JSON.stringify(text)}`);
  return new Date(at).toISOString();
}

/** Checks the other fields too: they are in the memo, which Temporal cannot read. */
function matches({ userId, by, act, result }: Act, filter: ActFilter): boolean {
  return (
    (filter.userId === undefined || filter.userId === userId) &&
    (filter.by === undefined || filter.by === by.name) &&
    (filter.act === undefined || filter.act === act) &&
    (filter.result === undefined || filter.result === result)
  );
}
