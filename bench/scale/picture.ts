import { plot } from '../report/plot.ts';
import type { Line, Panel } from '../report/plot.ts';
import type { Idle } from './idle.ts';
import { requestNames } from './open-section.ts';
import { requests } from './open.ts';
import type { OpenFigures } from './open.ts';

/** The figures of one server, by size. */
export interface ServerFigures {
  readonly label: string;
  readonly idle: readonly Idle[];
  readonly open: readonly OpenFigures[];
}

/** Draws each cost by number of journeys, for each server, as SVG. Returns `undefined` if none was measured at two sizes. */
export function plotGrowth(grown: readonly ServerFigures[]): string | undefined {
  const panels = [timePanel, sizePanel].flatMap((panel) => grown.map(panel)).filter(({ lines }) => lines.length > 0);
  return panels.length === 0 ? undefined : plot(panels);
}

const X_AXIS_LABEL = 'journeys';

function timePanel({ label, open, idle }: ServerFigures): Panel {
  const lines = [
    ...requests.map((ask) => lineOf(requestNames[ask], open, ({ took }) => took[ask].p50)),
    lineOf('status, replayed', idle, ({ again }) => again.statusReads.p50),
    lineOf('all replayed', idle, ({ again }) => again.others),
  ];
  return { title: `Time, ${label}`, unit: 'ms (p50)', of: X_AXIS_LABEL, lines: lines.filter(hasSeveralPoints) };
}

function sizePanel({ label, open, idle }: ServerFigures): Panel {
  const lines = [
    lineOf('database', open, ({ database }) => database / 1e6),
    lineOf('server, nothing cached', open, ({ memory }) => memory / 1e6),
    lineOf('worker, all cached', idle, ({ memoryInAll }) => memoryInAll / 1e6),
  ];
  return { title: `Size, ${label}`, unit: 'MB', of: X_AXIS_LABEL, lines: lines.filter(hasSeveralPoints) };
}

const hasSeveralPoints = ({ points }: Line) => points.length > 1;

const lineOf = <T extends { readonly journeys: number }>(
  name: string,
  at: readonly T[],
  cost: (one: T) => number,
): Line => ({ name, points: at.map((one) => [one.journeys, cost(one)]) });
