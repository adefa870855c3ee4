const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Draws numbers as bars on one line, the largest in full height. A dot is 0, and a gap an unknown number. */
export function sparkline(values: readonly (number | null)[]): string {
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  return values.map((value) => (value === null ? ' ' : barOf(value / most))).join('');
}

function barOf(share: number): string {
  if (share === 0) return '·';
  return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))] ?? '';
}
