import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { placeInWords } from '../../client/cli/words.ts';
import { board } from './board.ts';
import type { Sight } from './watch.ts';

/** How the demonstration is shown. */
export interface Show {
  update(sights: readonly Sight[]): void;
  end(): void;
}

/** A table that is drawn anew, in a terminal. */
export function liveShow(stream: NodeJS.WriteStream): Show {
  const draw = createLogUpdate(stream);
  return { update: (sights) => draw(board(sights, stream.columns)), end: () => draw.done() };
}

/** Plain lines, one for each thing that happened. */
export function plainShow(stream: NodeJS.WritableStream): Show {
  const began = Date.now();
  const told = new Map<string, number>();
  const fresh = (sight: Sight) => {
    const before = told.get(sight.userId) ?? 0;
    told.set(sight.userId, sight.happened.length);
    return linesOf(sight, began).slice(before);
  };
  const update = (sights: readonly Sight[]) => {
    for (const { text } of sights.flatMap(fresh).toSorted((a, b) => a.at - b.at)) stream.write(`${text}\n`);
  };
  return { update, end: () => {} };
}

function linesOf({ story, status, happened }: Sight, began: number): { at: number; text: string }[] {
  return happened.map(({ at, what, reason }, nth) => {
    const time = `${Math.max(0, (Date.parse(at) - began) / 1_000).toFixed(1)} s`.padStart(7);
    const last = nth === happened.length - 1 && status !== null;
    const place = last ? pc.dim(` → ${placeInWords(status)}`) : '';
    const text = `${time}  ${story.name.padEnd(9)} ${what}${reason === null ? '' : `: ${reason}`}${place}`;
    return { at: Date.parse(at), text };
  });
}
