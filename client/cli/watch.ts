import { createLogUpdate } from 'log-update';
import { states } from '../../workflows/status.ts';
import type { Status } from '../http/index.ts';
import type { Desk } from './desk.ts';
import type { Output } from './output.ts';
import { tellStatus } from './tell.ts';
import { placeInWords } from './words.ts';

/** Follows a journey until its final state: redrawn on a terminal, a line for each change elsewhere. */
export async function watchStatus(
  { out }: Desk,
  changes: AsyncIterable<Status>,
  { json = false }: { readonly json?: boolean },
): Promise<void> {
  if (json) for await (const status of changes) out.json(status);
  else if (out.isTerminal) await redraw(out, changes);
  else for await (const status of changes) out.say(`${status.updatedAt ?? status.startedAt}\t${placeInWords(status)}`);
}

async function redraw(out: Output, changes: AsyncIterable<Status>): Promise<void> {
  const draw = createLogUpdate(out.stream);
  try {
    for await (const status of changes) draw(`${statesRow(out, status)}\n\n${tellStatus(status)}`);
  } finally {
    draw.done();
  }
}

/** The machine's states in its own order, the user's place lit. */
export function statesRow({ colours }: Pick<Output, 'colours'>, { state }: Pick<Status, 'state'>): string {
  const lit = (name: string) => colours.inverse(colours.bold(` ${name} `));
  return states.map((name) => (name === state ? lit(name) : colours.dim(name))).join(colours.dim(' · '));
}
