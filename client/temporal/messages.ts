import type { Client, WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { Client as TemporalClient } from '@temporalio/client';
import { METADATA_ENCODING_KEY, ValueError } from '@temporalio/common';
import type { Payload, SerializationContext } from '@temporalio/common';
import { decodeArrayFromPayloads, encodeToPayload } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { createRequest, openAnswer } from '../../workflows/engine/client.ts';
import { EnvelopeError, open } from '../../workflows/engine/core/envelope.ts';
import { UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import { workflowContext } from './serialization-context.ts';

/**
 * The stored payload is missing, damaged, written by someone without a key, encrypted with a key that this process lacks, or written by a
 * release that this one cannot read.
 */
export const UNREADABLE = Symbol('unreadable');

/** Sends a query and returns its answer, which is authentic and unparsed. Throws `EnvelopeError` if it is not authentic. */
export async function queryWorkflow(
  handle: Pick<WorkflowHandle, 'query'>,
  name: string,
  request: unknown = null,
): Promise<unknown> {
  const query = createRequest('query', name, request);
  return openAnswer(await handle.query<unknown, [unknown]>(name, query), name, query);
}

/** Sends a signal. */
export async function signalWorkflow(
  handle: Pick<WorkflowHandle, 'signal'>,
  name: string,
  body: unknown = null,
): Promise<void> {
  await handle.signal<[unknown]>(name, createRequest('signal', name, body));
}

/** Decodes one payload. Returns `UNREADABLE` if it is not authentic, or if its key is missing. */
export async function decodePayload(
  { options }: Client,
  payload: Payload | null | undefined,
  context: SerializationContext,
): Promise<unknown> {
  if (payload == null) return UNREADABLE;
  try {
    const [value] = await decodeArrayFromPayloads(options.loadedDataConverter, [payload], context);
    return value;
  } catch (error) {
    if (error instanceof ValueError) return UNREADABLE;
    throw error;
  }
}

/** Encodes one payload, for calls that the SDK does not offer. */
export function encodePayload({ options }: Client, value: unknown, context: SerializationContext): Promise<Payload> {
  return encodeToPayload(options.loadedDataConverter, value, context);
}

/** Opens and parses what was stored. Returns `UNREADABLE` if it is not authentic, or cannot be read. */
export function openOrUnreadable<T>(read: () => T): T | typeof UNREADABLE {
  try {
    return read();
  } catch (error) {
    if (error instanceof EnvelopeError || error instanceof UnreadableValue) return UNREADABLE;
    throw error;
  }
}

/** A workflow with its undecoded memo, as a description or a list gives it. */
export interface WithMemo {
  readonly workflowId: string;
  readonly memo: { readonly [name: string]: Payload } | null | undefined;
}

/** Reads one field of a memo; `undefined` if the workflow has no such field, `UNREADABLE` if it cannot be read. */
export async function readMemo<T>(
  client: Client,
  { workflowId, memo }: WithMemo,
  name: string,
  parse: Parser<T>,
): Promise<T | undefined | typeof UNREADABLE> {
  const payload = memo?.[name];
  if (payload === undefined) return undefined;
  const value = await decodePayload(client, payload, workflowContext(client, workflowId));
  return openOrUnreadable(() => parse(open(value, `memo:${name}`).body, name));
}

/** The undecoded memo of a described workflow. */
export function memoOf({ workflowId, raw }: WorkflowExecutionDescription): WithMemo {
  return { workflowId, memo: raw.workflowExecutionInfo?.memo?.fields };
}

const NOTHING: Payload = { metadata: { [METADATA_ENCODING_KEY]: Buffer.from('binary/null') }, data: null };
const decodeNothing = async (payloads: Payload[]) => payloads.map(() => NOTHING);
const describers = new WeakMap<Client, Client>();

/**
 * Describes an execution without decoding anything, so that a foreign memo or a missing key cannot fail the call. Read the memo with
 * `readMemo(client, memoOf(described), name, parse)`.
 */
export function describeWorkflow(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<WorkflowExecutionDescription> {
  const { connection, options } = client;
  const describer =
    describers.get(client) ??
    new TemporalClient({
      connection,
      namespace: options.namespace,
      dataConverter: { payloadCodecs: [{ encode: decodeNothing, decode: decodeNothing }] },
    });
  describers.set(client, describer);
  return describer.workflow.getHandle(workflowId, runId).describe();
}
