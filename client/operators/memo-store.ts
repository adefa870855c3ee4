import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { createRequest } from '../../workflows/engine/client.ts';
import { actorRoles } from '../../workflows/journey/actor.ts';
import { listExecutions } from '../search/list-executions.ts';
import type { Execution } from '../search/list-executions.ts';
import { readMemo } from '../temporal/messages.ts';
import { UUID_PATTERN } from '../validation.ts';
import { parseUnknown } from '../../workflows/engine/core/parse-values.ts';

/**
 * Stores a value as the memo of an execution that never runs, since no worker polls its task queue. Temporal is the only store that
 * all gateways share; the memo is encrypted, bound to the workflow id, and deleted with the execution.
 */

/** No worker polls this task queue. */
const TASK_QUEUE = 'onward-operators';

export interface MemoKind {
  /** The workflow type. */
  readonly type: string;
  /** The prefix of the workflow ids. The user, if any, and a UUID follow. */
  readonly prefix: string;
  /** The memo field. */
  readonly field: string;
  /** How long the execution is open, in milliseconds; `null`: until it is deleted. A closed one stays for the namespace's retention. */
  readonly openFor: number | null;
}

/** The operators' acts, the notes on a person and the notes for the shift. */
export const memoKinds = {
  act: { type: 'operatorAct', prefix: 'onward-act:', field: 'act', openFor: 1_000 },
  note: { type: 'operatorNote', prefix: 'onward-note:', field: 'note', openFor: null },
  shiftNote: { type: 'shiftNote', prefix: 'onward-shift-note:', field: 'note', openFor: 7 * 24 * 3_600_000 },
} as const satisfies Readonly<Record<string, MemoKind>>;

/** In the place of the user if there is none. User ids have no `*`. */
const NO_USER = '*';

/** The workflow id of a memo. */
export const memoId = ({ prefix }: MemoKind, userId: string | null, uuid: string) =>
  `${prefix}${userId ?? NO_USER}:${uuid}`;

/** The prefix of the memos of a user, or of all without a user. A longer user id may begin with it: check with `parseMemoId`. */
export const memoPrefix = ({ prefix }: MemoKind, userId: string | null) => `${prefix}${userId ?? NO_USER}:`;

/** Parses a workflow id; `undefined` if it is not of this kind. A user id may contain colons, so it is parsed from the right. */
export function parseMemoId(
  { prefix }: MemoKind,
  workflowId: string,
): { readonly userId: string | null; readonly uuid: string } | undefined {
  if (!workflowId.startsWith(prefix)) return undefined;
  const [, user, uuid] = new RegExp(`^(.+):(${UUID_PATTERN})$`).exec(workflowId.slice(prefix.length)) ?? [];
  if (user === undefined || uuid === undefined) return undefined;
  return { userId: user === NO_USER ? null : user, uuid };
}

/** Writes a memo. Throws an error of the SDK. */
export async function writeMemo(client: Client, kind: MemoKind, workflowId: string, body: unknown): Promise<void> {
  await client.workflow.start(kind.type, {
    workflowId,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    taskQueue: TASK_QUEUE,
    memo: { [kind.field]: createRequest('memo', kind.field, body) },
    ...(kind.openFor !== null && { workflowExecutionTimeout: kind.openFor }),
  });
}

/** Who wrote a memo. */
export const StoredActor = z.object({ role: z.enum(actorRoles), name: z.string() });

export interface StoredMemo<Body> {
  readonly workflowId: string;
  readonly runId: string;
  readonly userId: string | null;
  readonly uuid: string;
  readonly body: Body;
}

/** Lists a page of memos, the newest first. A memo that cannot be read, is not authentic or is of another release is left out. */
export async function listMemos<Body>(
  client: Client,
  kind: MemoKind,
  schema: z.ZodType<Body>,
  conditions: readonly string[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly memos: readonly StoredMemo<Body>[]; readonly next: string | null }> {
  const query = [`WorkflowType = '${kind.type}'`, ...conditions].join(' AND ');
  const { executions, next } = await listExecutions(client, query, limit, cursor);
  const memos = await Promise.all(executions.map((execution) => readStoredMemo(client, kind, schema, execution)));
  return { memos: memos.filter((memo) => memo !== undefined), next };
}

async function readStoredMemo<Body>(
  client: Client,
  kind: MemoKind,
  schema: z.ZodType<Body>,
  { execution, memo }: Execution,
): Promise<StoredMemo<Body> | undefined> {
  const { workflowId = '', runId = '' } = execution ?? {};
  const parsed = parseMemoId(kind, workflowId ?? '');
  if (parsed === undefined) return undefined;
  const body = await readMemo(client, { workflowId: workflowId ?? '', memo: memo?.fields }, kind.field, parseUnknown);
  const { data } = schema.safeParse(body);
  return data && { workflowId: workflowId ?? '', runId: runId ?? '', ...parsed, body: data };
}
