import { setTimeout as sleep } from 'node:timers/promises';
import { escapeText } from '../../../workflows/journey/status/text.ts';
import { states } from '../../../workflows/journey/status/status.ts';
import { Problem } from '../../http-client/index.ts';
import type { ProblemCode, Status } from '../../http-client/index.ts';
import { createChangeDisplay } from './change-display.ts';
import { escapeReply } from './escape.ts';
import { printStatus } from './format-status.ts';
import { positionLabel } from './labels.ts';
import type { Output } from './output.ts';

/** How a value is polled. */
export interface PollOptions<T> {
  /** Milliseconds between two reads. */
  readonly interval: number;
  /** Whether the value will not change any more. */
  readonly isFinal?: ((value: T) => boolean) | undefined;
  /** Receives the outages after the first read. */
  readonly onOutage?: ((problem: Problem) => void) | undefined;
}

/** The problem codes of an outage that may end by itself. */
const outages: ReadonlySet<ProblemCode> = new Set(['unreachable', 'unavailable', 'too_many_requests'] as const);

/**
 * Polls a value, and yields it after each read until it is final. During an outage it yields the last value.
 *
 * @throws any error of the first read, and later every error that is not an outage
 */
export async function* poll<T>(
  read: () => Promise<T>,
  { interval, isFinal = () => false, onOutage = () => {} }: PollOptions<T>,
): AsyncGenerator<T, void, undefined> {
  let value = await read();
  for (;;) {
    yield value;
    if (isFinal(value)) return;
    await sleep(interval);
    value = await read().catch((error: unknown) => {
      if (!(error instanceof Problem) || !outages.has(error.code)) throw error;
      onOutage(error);
      return value;
    });
  }
}

/** Prints a value at each change. On a terminal it redraws in place, and shows outages too. */
export async function watchRead<T>(
  out: Output,
  read: () => Promise<T>,
  print: (value: T) => void,
  polling: PollOptions<T>,
): Promise<void> {
  const display = createChangeDisplay(out);
  let outage: string | undefined;
  const onOutage = ({ detail }: Problem) => void (outage = escapeText(detail));
  try {
    for await (const value of poll(read, { ...polling, onOutage })) {
      if (outage === undefined) display.show(value, () => print(value));
      else display.showOutage(outage);
      outage = undefined;
    }
  } finally {
    display.end();
  }
}

/** Prints each status of a journey until its final state: redrawn in place on a terminal, one line per change otherwise. */
export async function watchStatus(out: Output, changes: AsyncIterable<Status>): Promise<void> {
  const display = createChangeDisplay(out);
  try {
    for await (const status of changes) {
      display.show(status, () => {
        if (!out.writeDocument(status)) out.writeLine(printChange(out, escapeReply(status)));
      });
    }
  } finally {
    display.end();
  }
}

function printChange(out: Output, status: Status): string {
  if (out.canRedraw) return `${statesRow(out, status)}\n\n${printStatus(status)}`;
  return `${status.updatedAt ?? status.startedAt}\t${positionLabel(status)}`;
}

/** Formats the states in the order of the machine, with the current one highlighted. */
function statesRow({ colours }: Pick<Output, 'colours'>, { state }: Pick<Status, 'state'>): string {
  const highlight = (name: string) => colours.inverse(colours.bold(` ${name} `));
  return states.map((name) => (name === state ? highlight(name) : colours.dim(name))).join(colours.dim(' · '));
}
