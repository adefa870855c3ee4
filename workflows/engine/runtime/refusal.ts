import { ApplicationFailure } from '@temporalio/workflow';
import { parseCommand } from '../client.ts';
import type { Command, CommandRefusal } from '../client.ts';
import { CommandError } from '../core/definition.ts';
import { EnvelopeError, open, seal } from '../core/envelope.ts';
import type { Envelope } from '../core/envelope.ts';
import { UnreadableValue } from '../core/parse-values.ts';

/** @throws UnreadableValue */
export const commandOf = ({ body }: Envelope): Command => parseCommand(body, 'command');

type Refusal = EnvelopeError | CommandError | UnreadableValue;

/** Converts an error about a command to a failure that its caller can authenticate. */
export function explainRefusal<R>(name: string, payload: unknown, act: () => R): R {
  try {
    return act();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { message } = error;
    const [type, details] = reasonOf(error);
    const { id, key, fingerprint } = readableCommand(payload, name);
    const refusal: CommandRefusal = { key, fingerprint, requestId: id, type, message, details };
    const sealed = seal(`refusal:${name}`, id === '' ? 'none' : id, Date.now(), refusal);
    throw ApplicationFailure.create({ type, message, nonRetryable: true, details: [sealed] });
  }
}

/** Whether an error is about a message, and not about the workflow. */
export const isRefusal = (error: unknown): error is Refusal =>
  error instanceof EnvelopeError || error instanceof CommandError || error instanceof UnreadableValue;

/** The type of a refusal, and its details. */
function reasonOf(error: Refusal): readonly [type: string, details: unknown] {
  if (error instanceof CommandError) return [error.type, error.details];
  return error instanceof EnvelopeError ? ['RequestRefused', error.problem] : ['BadRequest', null];
}

/** The recipient of a refusal, as far as the payload names it. */
function readableCommand(payload: unknown, name: string) {
  try {
    const envelope = open(payload, `update:${name}`);
    const { key, fingerprint } = commandOf(envelope);
    return { id: envelope.id, key, fingerprint };
  } catch {
    return { id: '', key: null, fingerprint: '' };
  }
}
