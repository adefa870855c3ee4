import { plot } from '../report/plot.ts';
import type { Line, Panel } from '../report/plot.ts';
import type { Idle } from './idle.ts';
import { askWords } from './open-section.ts';
import { asks } from './open.ts';
import type { Open } from './open.ts';

/** What grows on one server. */
export interface Grown {
  readonly on: string;
  readonly idle: readonly Idle[];
  readonly open: readonly Open[];
}

/** How each cost grows, by server, as SVG; nothing where none was measured twice. */
export function picture(grown: readonly Grown[]): string | undefined {
  const panels = [time, size].flatMap((panel) => grown.map(panel)).filter(({ lines }) => lines.length > 0);
  return panels.length === 0 ? undefined : plot(panels);
}

const of = 'journeys';

function time({ on, open, idle }: Grown): Panel {
  const lines = [
    ...asks.map((ask) => line(askWords[ask], open, ({ took }) => took[ask].p50)),
    line('a status, replayed', idle, ({ again }) => again.asked.p50),
    line('all replayed', idle, ({ again }) => again.others),
  ];
  return { title: `Time, ${on}`, unit: 'ms (p50)', of, lines: lines.filter(isLong) };
}

function size({ on, open, idle }: Grown): Panel {
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
): Line => ({ name, points: at.map((one) => [one.journeys, cost(one)]) });
