import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { BadRequest } from './errors.ts';
import { isInvalid } from './temporal-errors.ts';

/** An execution as visibility lists it. */
export type Execution = temporal.api.workflow.v1.IWorkflowExecutionInfo;

const MOST_LISTED = 200;

/** Throws `BadRequest` for a page that would be too long, or is none. */
export function checkLimit(limit: number, what: string): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_LISTED) return;
  throw new BadRequest('limit', `a page has 1 to ${MOST_LISTED} ${what}`);
}

/** One page of what visibility lists, the newest start first. Throws `BadRequest` for a cursor that is none. */
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
      throw isInvalid(error) && cursor !== undefined ? noCursor() : error;
    });
  return { executions, next: nextPageToken.length === 0 ? null : cursorOf(nextPageToken) };
}

const CHECK_BYTES = 6;
const checkOf = (token: Uint8Array) => createHash('sha256').update(token).digest().subarray(0, CHECK_BYTES);
const noCursor = () => new BadRequest('cursor', "a cursor is the 'next' of a page");

/** The server's token behind a check of its own: a token that is none, the server would call a fault and be asked again for. */
function cursorOf(token: Uint8Array): string {
  return Buffer.concat([checkOf(token), token]).toString('base64url');
}

function tokenOf(cursor: string): Uint8Array {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(CHECK_BYTES);
  if (!checkOf(token).equals(bytes.subarray(0, CHECK_BYTES))) throw noCursor();
  return token;
}
