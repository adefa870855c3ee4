import { ways } from './nodes.ts';
import type { Way } from './nodes.ts';

/** The machine's top level as a picture that GitHub renders. */
export function statesPicture(): string {
  const between = ways()
    .filter(isToldApart)
    .map((way) => ({ ...way, source: way.from[0] ?? '', target: way.to[0] ?? '' }));
  return picture('emailPending', between);
}

/** The steps of a channel that is not verified yet. Without `cancel`, which every step takes. */
export function stepsPicture(): string {
  const between = ways()
    .filter((way) => isPending(way.from) && way.to[0] !== 'cancelled')
    .map((way) => ({ ...way, source: way.from[1] ?? '', target: insidePending(way.to) }));
  return picture('starting', between);
}

/** `cancel` has an arrow already; that a send in flight is awaited first is told by its step. */
const isToldApart = ({ guard }: Way) => guard !== 'stopsForGood';

/** Whether a path leads into a state that awaits a channel. */
export function isPending([state]: readonly string[]): boolean {
  return state === 'emailPending' || state === 'smsPending';
}

/** Where a way out of a pending state leads, in words that hold for both channels. */
export function insidePending(to: readonly string[], depth = 1): string {
  if (isPending(to)) return to.slice(1, 1 + depth).join('.');
  return to[0] === 'emailVerified' || to[0] === 'done' ? 'verified' : (to[0] ?? '');
}

interface Arrow extends Way {
  readonly source: string;
  readonly target: string;
}

const LABELS_IN_A_LINE = 3;

function picture(initial: string, between: readonly Arrow[]): string {
  const arrows = new Map<string, Set<string>>();
  for (const { source, target, on, guard } of between) {
    if (source === target) continue;
    const arrow = `${source} --> ${target}`;
    arrows.set(arrow, (arrows.get(arrow) ?? new Set()).add(on === '' ? guard : on));
  }
  const targets = new Set(between.map(({ target }) => target));
  const finals = ['verified', 'done', 'expired', 'cancelled'].filter((name) => targets.has(name));
  return [
    '```mermaid',
    'stateDiagram-v2',
    `  [*] --> ${initial}`,
    ...[...arrows].map(([arrow, labels]) => `  ${arrow}${labelOf([...labels])}`),
    ...finals.map((name) => `  ${name} --> [*]`),
    '```',
  ].join('\n');
}

function labelOf(words: readonly string[]): string {
  const known = words.filter((word) => word !== '');
  if (known.length === 0) return '';
  const lines = known.flatMap((_, i) =>
    i % LABELS_IN_A_LINE === 0 ? [known.slice(i, i + LABELS_IN_A_LINE).join(', ')] : [],
  );
  return ` : ${lines.join('<br/>')}`;
}
