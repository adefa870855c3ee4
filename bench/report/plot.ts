/** A line of a plot. Each point is a number of journeys and the cost at that number. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface Panel {
  readonly title: string;
  /** The unit of the vertical axis. */ readonly unit: string;
  /** What the horizontal axis counts. */
  readonly of: string;
  readonly lines: readonly Line[];
}

const [WIDE, HIGH] = [480, 300];
const frame = { left: 74, right: 150, top: 34, bottom: 40 };
const COLUMNS = 2;
/** Distinguishable on white, also with a colour vision deficiency. The name of each line is written at its end as well. */
const colours = ['#0072b2', '#d55e00', '#007a5a', '#a3467a', '#5a5a5a', '#8a6500'];
/** The least vertical distance between two names, in pixels. */
const LABEL_DISTANCE_PX = 14;

/** Draws panels as SVG with logarithmic axes, on a white background so that the plot is readable on light and dark pages. */
export function plot(panels: readonly Panel[]): string {
  const [width, height] = [COLUMNS * WIDE, Math.ceil(panels.length / COLUMNS) * HIGH];
  const drawn = panels.map((panel, nth) => {
    const [x, y] = [(nth % COLUMNS) * WIDE, Math.floor(nth / COLUMNS) * HIGH];
    return `<g transform="translate(${x} ${y})">\n${draw(panel)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function draw({ title, unit, of, lines }: Panel): string {
  const points = lines.flatMap((line) => line.points);
  const across = axis(
    points.map(([x]) => x),
    frame.left,
    WIDE - frame.right,
  );
  const up = axis(
    points.map(([, y]) => y),
    HIGH - frame.bottom,
    frame.top,
  );
  const places = namePlaces(lines.map(({ points: own }) => up.at(own.at(-1)?.[1] ?? NaN)));
  return [
    text(frame.left, 18, `${title}, in ${unit}`, 'font-weight="bold"'),
    ...across.decades.map((x) => rule(across.at(x), up.at(up.most), across.at(x), up.at(up.least))),
    ...across.decades.map((x) => text(across.at(x), HIGH - frame.bottom + 16, short(x), 'text-anchor="middle"')),
    ...up.decades.map((y) => rule(across.at(across.least), up.at(y), across.at(across.most), up.at(y))),
    ...up.decades.map((y) => text(frame.left - 6, up.at(y) + 4, short(y), 'text-anchor="end"')),
    text((frame.left + WIDE - frame.right) / 2, HIGH - 8, of, 'text-anchor="middle"'),
    ...lines.map(({ name, points: own }, nth) => {
      const colour = colours[nth % colours.length] ?? '';
      const path = own.map(([x, y]) => `${round(across.at(x))},${round(up.at(y))}`);
      const end = own.at(-1)?.[0] ?? NaN;
      return [
        `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...path.map((at) => `<circle cx="${at.replace(',', '" cy="')}" r="3" fill="${colour}"/>`),
        text(across.at(end) + 8, (places[nth] ?? 0) + 4, name, `fill="${colour}"`),
      ].join('\n');
    }),
  ].join('\n');
}

/** A logarithmic axis over whole decades, between two coordinates. */
function axis(values: readonly number[], from: number, to: number) {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  const decades = Array.from({ length: last - first + 1 }, (_, nth) => 10 ** (first + nth));
  const at = (value: number) => from + ((Math.log10(value) - first) / (last - first)) * (to - from);
  return { decades, least: 10 ** first, most: 10 ** last, at };
}

/** Places each name at the end of its line, and moves it down if it would overlap another. */
function namePlaces(ends: readonly number[]): number[] {
  const places = [...ends];
  let lowest = -Infinity;
  for (const nth of [...ends.keys()].toSorted((a, b) => (ends[a] ?? 0) - (ends[b] ?? 0))) {
    lowest = Math.max(ends[nth] ?? 0, lowest + LABEL_DISTANCE_PX);
    places[nth] = lowest;
  }
  return places;
}

const round = (value: number) => Number(value.toFixed(1));
const short = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 3 });
const rule = (x1: number, y1: number, x2: number, y2: number) =>
  `<path d="M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}" stroke="#d8d8d8"/>`;
const text = (x: number, y: number, words: string, more = '') =>
  `<text x="${round(x)}" y="${round(y)}" ${more}>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
