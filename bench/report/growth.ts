import type { WorkerFigures, OpenServerFigures, ScaleResult } from '../scale/index.ts';
import { isMissing, serverKinds } from '../scale/kinds.ts';
import { plotGrowth } from '../scale/picture.ts';
import { figuresOf } from './document.ts';
import type { SavedFigures } from './document.ts';

/** The file of the plot, in the folder of the page. */
export const PLOT_FILE = 'scale.svg';

const GROWTH = `## How costs grow

![Time and size by number of journeys, for each server; the sections above list the figures](${PLOT_FILE})
`;

/** Returns the part of the page about growth, which combines several sections; empty if they were not measured. */
export function renderGrowth(saved: SavedFigures): string {
  return drawGrowth(saved) === undefined ? '' : GROWTH;
}

/** Draws how time and size grow with the number of journeys. Returns SVG, or `undefined` if no section was measured at two sizes. */
export function drawGrowth(saved: SavedFigures): string | undefined {
  return plotGrowth(
    serverKinds.map(({ name, label }) => ({
      label,
      idle: idleIn(saved, name)?.idle ?? [],
      open: openIn(saved, name)?.open ?? [],
    })),
  );
}

const idleIn = (saved: SavedFigures, kind: string) =>
  measuredOrUndefined(figuresOf(saved, `idle-${kind}`) as ScaleResult<WorkerFigures> | undefined);
const openIn = (saved: SavedFigures, kind: string) =>
  measuredOrUndefined(figuresOf(saved, `open-${kind}`) as ScaleResult<OpenServerFigures> | undefined);

const measuredOrUndefined = <T>(scaled: ScaleResult<T> | undefined): T | undefined =>
  scaled === undefined || isMissing(scaled) ? undefined : scaled;
