import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { positionLabel } from '../../client/cli/output/labels.ts';
import { userTable } from './user-table.ts';
import type { ObservedUser } from './observe.ts';

/** An output of the demo. */
export interface Display {
  update(sights: readonly ObservedUser[]): void;
  end(): void;
}

/** Redraws a table in a terminal. */
export function createTableDisplay(stream: NodeJS.WriteStream): Display {
  const draw = createLogUpdate(stream);
  return { update: (sights) => draw(userTable(sights, stream.columns)), end: () => draw.done() };
}

/** Writes a line for each timeline entry. */
export function createLineDisplay(stream: NodeJS.WritableStream): Display {
  const startedAt = Date.now();
  const written = new Map<string, number>();
  const fresh = (sight: ObservedUser) => {
    const before = written.get(sight.userId) ?? 0;
    written.set(sight.userId, sight.happened.length);
    return linesOf(sight, startedAt).slice(before);
  };
  const update = (sights: readonly ObservedUser[]) => {
    for (const { text } of sights.flatMap(fresh).toSorted((a, b) => a.at - b.at)) stream.write(`${text}\n`);
  };
  return { update, end: () => {} };
}

function linesOf({ story, status, happened }: ObservedUser, startedAt: number): { at: number; text: string }[] {
  return happened.map(({ at, what, reason }, nth) => {
    const time = `${Math.max(0, (Date.parse(at) - startedAt) / 1_000).toFixed(1)} s`.padStart(7);
    const last = nth === happened.length - 1 && status !== null;
    const place = last ? pc.dim(` → ${positionLabel(status)}`) : '';
    const text = `${time}  ${story.name.padEnd(9)} ${what}${reason === null ? '' : `: ${reason}`}${place}`;
    return { at: Date.parse(at), text };
  });
}
