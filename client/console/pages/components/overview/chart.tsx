import uPlot from 'uplot';
import { useEffect, useRef, useState } from 'preact/hooks';
import { number } from '../../labels.js';
import type { Tone } from '../../labels.js';
import { Columns, ScrollRegion } from '../ui.js';

/** A series of a chart: a value for each point, `null` where it is unknown. */
export interface Series {
  readonly label: string;
  readonly tone: Tone;
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  /** The accessible name. */
  readonly label: string;
  /** The start of each point; RFC 3339. */
  readonly at: readonly string[];
  readonly resolution: 'hour' | 'day';
  readonly series: readonly Series[];
  readonly format?: (value: number) => string;
  /** The points to mark as outages. */
  readonly marked?: readonly boolean[];
  readonly shape?: 'bars' | 'lines';
  /** The top of the scale; by default the largest value. */
  readonly top?: number;
}

const HEIGHT_PX = 120;
const DARK = '(prefers-color-scheme: dark)';

/** Draws series over time, with the same figures as a table behind it. The drawing itself is hidden from screen readers. */
export function Chart(props: ChartProps) {
  return (
    <figure class="chart">
      <Legend {...props} />
      <Drawing {...props} />
      <ChartTable {...props} />
    </figure>
  );
}

function Legend({ label, series, marked = [] }: ChartProps) {
  return (
    <figcaption>
      <strong>{label}</strong>
      {series.map(({ label: name, tone }) => (
        <span key={name} class={`key ${tone}`}>
          {name}
        </span>
      ))}
      {marked.includes(true) && <span class="key outage">Outage</span>}
    </figcaption>
  );
}

function Drawing(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [isDark, setDark] = useState(() => matchMedia(DARK).matches);
  useEffect(() => {
    const query = matchMedia(DARK);
    const update = () => setDark(query.matches);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  const { at, series, marked } = props;
  const shown = JSON.stringify([at, series, marked]);
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const drawn = new uPlot(optionsOf(props, current), dataOf(props), current);
    const observer = new ResizeObserver(() => drawn.setSize({ width: current.clientWidth, height: HEIGHT_PX }));
    observer.observe(current);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, [shown, isDark]);
  return <div ref={place} class="drawing" aria-hidden="true" />;
}

function dataOf({ at, series }: ChartProps): uPlot.AlignedData {
  return [at.map((time) => Date.parse(time) / 1_000), ...series.map(({ values }) => [...values])];
}

function optionsOf(props: ChartProps, place: HTMLElement): uPlot.Options {
  const { series, format = number, shape = 'bars', top, marked = [] } = props;
  const colour = (name: string) => resolved(place, name);
  const axis = {
    stroke: colour('--quiet'),
    font: `11px ${getComputedStyle(place).fontFamily}`,
    ticks: { show: false },
  };
  const grid = { stroke: colour('--line'), width: 1 };
  const bars = uPlot.paths.bars?.({ size: [0.7, 24], align: 1 });
  return {
    width: place.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 16, 0, 0],
    // A point is the start of its hour or day, so the last one needs room after it.
    scales: {
      x: { range: (_, from, to) => [from, to + stepOf(props)] },
      y: { range: (_, __, most) => [0, top ?? Math.max(1, most * 1.05)] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 56, size: 26, values: '{HH}:{mm}' },
      {
        ...axis,
        grid,
        size: 66,
        space: 34,
        values: (_, values) => values.map((value) => (value === null ? '' : format(value))),
      },
    ],
    series: [
      {},
      ...series.map(({ tone }) => ({
        stroke: colour(`--${tone}`),
        width: shape === 'lines' ? 2 : 1,
        // A line needs two points: a single one is drawn as a dot.
        points: { show: shape === 'lines', size: 4 },
        ...(shape === 'bars' && { fill: colour(`--${tone}`), ...(bars !== undefined && { paths: bars }) }),
      })),
    ],
    hooks: { drawClear: [(drawn) => markOutages(drawn, marked, colour('--outage'))] },
  };
}

/** The seconds between two points. */
const stepOf = ({ resolution }: ChartProps) => (resolution === 'hour' ? 3_600 : 86_400);

/** A custom property as a colour that a canvas takes: `light-dark()` is resolved by an element that uses it. */
function resolved(place: HTMLElement, name: string): string {
  place.style.color = `var(${name})`;
  const { color } = getComputedStyle(place);
  place.style.color = '';
  return color;
}

function markOutages(drawn: uPlot, marked: readonly boolean[], colour: string): void {
  const [times] = drawn.data;
  const length = (times[1] ?? 0) - (times[0] ?? 0);
  drawn.ctx.fillStyle = colour;
  for (const [index, isMarked] of marked.entries()) {
    const from = times[index];
    if (!isMarked || from === undefined) continue;
    const [left, right] = [from, from + length].map((at) => drawn.valToPos(at, 'x', true));
    if (left !== undefined && right !== undefined)
      drawn.ctx.fillRect(left, drawn.bbox.top, right - left, drawn.bbox.height);
  }
}

function ChartTable({ label, at, resolution, series, format = number, marked = [] }: ChartProps) {
  return (
    <details class="behind">
      <summary>Show as a table</summary>
      <ScrollRegion label={`${label}, as a table`}>
        <table class="figures">
          <Columns words={[resolution === 'hour' ? 'Hour' : 'Day', ...series.map(({ label: name }) => name)]} />
          <tbody>
            {at.map((time, index) => (
              <tr key={time}>
                <th scope="row">
                  {formatPoint(time, resolution)}
                  {marked[index] === true && ' (outage)'}
                </th>
                {series.map(({ label: name, values }) => (
                  <td key={name} class="number">
                    {values[index] == null ? 'unknown' : format(values[index])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  );
}

/** Days are days in UTC; hours are shown in the time of the browser. */
function formatPoint(at: string, resolution: 'hour' | 'day'): string {
  if (resolution === 'day') return at.slice(0, 10);
  return new Date(at).toLocaleString('en', { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}
