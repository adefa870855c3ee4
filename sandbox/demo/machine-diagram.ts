import { transitionEdges } from '../../client/docs/transitions.ts';
import { states } from '../../workflows/journey/status/status.ts';
import type { State } from '../../workflows/journey/status/status.ts';

const between = transitionEdges();

/** The states that each top-level state of the machine leads to. */
const leadsTo = Object.fromEntries(states.map((state) => [state, neighbours(state)])) as { [S in State]: State[] };

function neighbours(state: State): State[] {
  const targets = new Set(between.filter(({ from }) => from[0] === state).map(({ to }) => to[0]));
  return states.filter((other) => other !== state && targets.has(other));
}

/** The longest path through the machine, without shortcuts. */
export const longestPath: readonly State[] = longest([states[0] as State]);

function longest(path: readonly State[]): readonly State[] {
  const last = path.at(-1) as State;
  const longer = leadsTo[last].filter((next) => !path.includes(next)).map((next) => longest([...path, next]));
  return longer.reduce((best, one) => (one.length > best.length ? one : best), path);
}

const GAP = ' ──▶ ';

/**
 * Draws the machine: the longest path in the middle, shortcuts above it, other final states below.
 *
 * @param counts the number of users in each final state
 */
export function drawMachine(counts: Partial<Record<State, number>>): string {
  const name = (state: State) => (counts[state] === undefined ? state : `${state} (${counts[state]})`);
  const middle = longestPath.map(name).join(GAP);
  const centre = (state: State) => middle.indexOf(state) + Math.floor(state.length / 2);
  const exits = states.filter((state) => !longestPath.includes(state));
  const tail = middle.length + 2;
  return [
    ...shortcuts(centre),
    middle,
    ...exits.map((exit, nth) => {
      const from = longestPath.filter((state) => leadsTo[state].includes(exit)).map(centre);
      return `${rail(from, tail, nth < exits.length - 1)}▶ ${name(exit)}`;
    }),
  ].join('\n');
}

function shortcuts(centre: (state: State) => number): string[] {
  return longestPath.flatMap((from, at) =>
    leadsTo[from]
      .filter((to) => longestPath.indexOf(to) > at + 1)
      .flatMap((to) => {
        const [left, right] = [centre(from), centre(to)];
        const indent = ' '.repeat(left);
        const span = right - left - 1;
        return [`${indent}┌${'─'.repeat(span)}┐`, `${indent}│${' '.repeat(span)}▼`];
      }),
  );
}

function rail(from: readonly number[], length: number, isContinued: boolean): string {
  const start = Math.min(...from);
  const at = (place: number) => {
    if (place < start) return ' ';
    if (!from.includes(place)) return '─';
    if (isContinued) return place === start ? '├' : '┼';
    return place === start ? '└' : '┴';
  };
  return Array.from({ length }, (_, place) => at(place)).join('');
}
