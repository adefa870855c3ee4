import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { BadRequest } from '../errors.ts';
import { isInvalidArgument } from '../temporal/grpc-codes.ts';

/** An execution as visibility lists it. */
export type Execution = temporal.api.workflow.v1.IWorkflowExecutionInfo;

export const MAX_PAGE_SIZE = 200;

/** temporal.api.enums.v1.WorkflowExecutionStatus */
const STATUS_RUNNING = 1;
const STATUS_COMPLETED = 2;

/** Whether an execution of a workflow that always completes was cancelled, terminated, timed out or failed. */
export function isEndedFromOutside(status: unknown): boolean {
  return Number(status) !== STATUS_RUNNING && Number(status) !== STATUS_COMPLETED;
}

/** Yields the items of all pages, a page at a time. */
export async function* allPages<Item>(
  list: (
    limit: number,
    cursor: string | undefined,
  ) => Promise<{ readonly items: readonly Item[]; readonly next: string | null }>,
): AsyncGenerator<readonly Item[], void, undefined> {
  let cursor: string | undefined;
  do {
    const { items, next } = await list(MAX_PAGE_SIZE, cursor);
    yield items;
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

/** Throws `BadRequest` if the page size is not from 1 to 200. */
export function checkLimit(limit: number, what: string): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE_SIZE) return;
  throw new BadRequest('limit', `limit must be 1 to ${MAX_PAGE_SIZE} ${what}`);
}

/** Lists one page of executions, the newest start first. Throws `BadRequest` for an invalid cursor. */
export async function listExecutions(
  client: Client,
  query: string,
  limit: number,
  cursor: string | undefined,
): Promise<{ readonly executions: readonly Execution[]; readonly next: string | null }> {
  const { executions, nextPageToken } = await client.workflowService
    .listWorkflowExecutions({
      namespace: client.options.namespace,
      query,
      pageSize: limit,
      ...(cursor === undefined ? {} : { nextPageToken: tokenOf(cursor) }),
    })
    .catch((error: unknown) => {
      throw isInvalidArgument(error) && cursor !== undefined ? invalidCursor() : error;
    });
  return { executions, next: nextPageToken.length === 0 ? null : cursorOf(nextPageToken) };
}

/** Yields all executions that a query finds. Decodes nothing, so a foreign memo or a missing key cannot fail it. */
export async function* allExecutions(client: Client, query: string): AsyncGenerator<Execution, void, undefined> {
  let cursor: string | undefined;
  do {
    const { executions, next } = await listExecutions(client, query, MAX_PAGE_SIZE, cursor);
    yield* executions;
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

const CHECK_BYTES = 6;
const checkOf = (token: Uint8Array) => createHash('sha256').update(token).digest().subarray(0, CHECK_BYTES);
const invalidCursor = () => new BadRequest('cursor', "cursor must be the 'next' of a page");

/** Prefixes the server's page token with a checksum. The server answers an invalid token with an internal error, which would be retried. */
function cursorOf(token: Uint8Array): string {
  return Buffer.concat([checkOf(token), token]).toString('base64url');
}

function tokenOf(cursor: string): Uint8Array {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(CHECK_BYTES);
  if (!checkOf(token).equals(bytes.subarray(0, CHECK_BYTES))) throw invalidCursor();
  return token;
}
