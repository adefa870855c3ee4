import { isPending, stepAt, transitionEdges } from './transitions.ts';
import type { TransitionEdge } from './transitions.ts';

/** Renders the top-level states of the machine as a Mermaid diagram. */
export function statesDiagram(): string {
  const between = transitionEdges()
    .filter(isShownSeparately)
    .map((edge) => ({ ...edge, source: edge.from[0] ?? '', target: edge.to[0] ?? '' }));
  return renderDiagram('emailPending', between);
}

/** Renders the steps of a channel that is not verified yet, without `cancel`, which every step allows. */
export function stepsDiagram(): string {
  const between = transitionEdges()
    .filter((edge) => isPending(edge.from) && edge.to[0] !== 'cancelled')
    .map((edge) => ({
      ...edge,
      source: stepAt(edge.from) ?? '',
      target: isPending(edge.to) ? (stepAt(edge.to) ?? '') : insidePending(edge.to),
    }));
  return renderDiagram('sending', between);
}

/** Omits the guarded variant of `cancel`: the diagram has one arrow for it, and the step shows that a send in flight completes first. */
const isShownSeparately = ({ guard }: TransitionEdge) => guard !== 'shouldCancelAfterStop';

/** Names the target of a transition out of a pending state, identically for both channels. */
export function insidePending(to: readonly string[]): string {
  if (isPending(to)) return to.slice(1).join('.');
  return to[0] === 'emailVerified' || to[0] === 'done' ? 'verified' : (to[0] ?? '');
}

interface Arrow extends TransitionEdge {
  readonly source: string;
  readonly target: string;
}

const LABELS_PER_LINE = 3;

function renderDiagram(initial: string, between: readonly Arrow[]): string {
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

function labelOf(labels: readonly string[]): string {
  const known = labels.filter((label) => label !== '');
  if (known.length === 0) return '';
  const lines = known.flatMap((_, i) =>
    i % LABELS_PER_LINE === 0 ? [known.slice(i, i + LABELS_PER_LINE).join(', ')] : [],
  );
  return ` : ${lines.join('<br/>')}`;
}
