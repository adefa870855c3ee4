import { plot } from '../report/plot.ts';
import type { Line, Panel } from '../report/plot.ts';
import type { Scale } from './index.ts';
import { asks } from './open.ts';
import { words } from './section.ts';

/** How each cost grows, by server, as SVG. */
export function picture(scales: readonly { readonly on: string; readonly scale: Scale }[]): string {
  const panels = [time, size].flatMap((panel) => scales.map(({ on, scale }) => panel(on, scale)));
  return plot(panels.filter(({ lines }) => lines.length > 0));
}

const of = 'journeys';

function time(on: string, { open, idle }: Scale): Panel {
  const lines = [
    ...asks.map((ask) => line(words[ask], open, ({ took }) => took[ask].p50)),
    line('a status, replayed', idle, ({ again }) => again.asked.p50),
    line('all replayed', idle, ({ again }) => again.others),
  ];
  return { title: `Time, ${on}`, unit: 'ms, p50', of, lines: lines.filter(isLong) };
}

function size(on: string, { open, idle }: Scale): Panel {
  const lines = [
    line('database', open, ({ database }) => database / 1e6),
    line('server, nothing cached', open, ({ memory }) => memory / 1e6),
    line('worker, all cached', idle, ({ memoryInAll }) => memoryInAll / 1e6),
  ];
  return { title: `Size, ${on}`, unit: 'MB', of, lines: lines.filter(isLong) };
}

const isLong = ({ points }: Line) => points.length > 1;

const line = <T extends { readonly journeys: number }>(
  name: string,
  at: readonly T[],
  cost: (one: T) => number,
): Line => ({
  name,
  points: at.map((one) => [one.journeys, cost(one)]),
});
