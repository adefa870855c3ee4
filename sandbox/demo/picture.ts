import { ways } from '../../client/diagram/nodes.ts';
import { states } from '../../workflows/status.ts';
import type { State } from '../../workflows/status.ts';

const between = ways();

/** The states that each state of the machine's top level leads to, read from the machine. */
const leadsTo = Object.fromEntries(states.map((state) => [state, neighbours(state)])) as { [S in State]: State[] };

function neighbours(state: State): State[] {
  const targets = new Set(between.filter(({ from }) => from[0] === state).map(({ to }) => to[0]));
  return states.filter((other) => other !== state && targets.has(other));
}

/** The longest way through the machine: what a user passes who leaves nothing out. */
export const road: readonly State[] = longest([states[0] as State]);

function longest(way: readonly State[]): readonly State[] {
  const last = way.at(-1) as State;
  const longer = leadsTo[last].filter((next) => !way.includes(next)).map((next) => longest([...way, next]));
  return longer.reduce((best, one) => (one.length > best.length ? one : best), way);
}

const GAP = ' ──▶ ';

/**
 * The machine as it is: the way along the middle, what leaves a state out above it, how else a journey ends below.
 *
 * @param counts how many ended in a state
 */
export function picture(counts: Partial<Record<State, number>>): string {
  const name = (state: State) => (counts[state] === undefined ? state : `${state} (${counts[state]})`);
  const middle = road.map(name).join(GAP);
  const centre = (state: State) => middle.indexOf(state) + Math.floor(state.length / 2);
  const exits = states.filter((state) => !road.includes(state));
  const tail = middle.length + 2;
  return [
    ...shortcuts(centre),
    middle,
    ...exits.map((exit, nth) => {
      const from = road.filter((state) => leadsTo[state].includes(exit)).map(centre);
      return `${rail(from, tail, nth < exits.length - 1)}▶ ${name(exit)}`;
    }),
  ].join('\n');
}

function shortcuts(centre: (state: State) => number): string[] {
  return road.flatMap((from, at) =>
    leadsTo[from]
      .filter((to) => road.indexOf(to) > at + 1)
      .flatMap((to) => {
        const [left, right] = [centre(from), centre(to)];
        const indent = ' '.repeat(left);
        const span = right - left - 1;
        return [`${indent}┌${'─'.repeat(span)}┐`, `${indent}│${' '.repeat(span)}▼`];
      }),
  );
}

function rail(from: readonly number[], length: number, goesOn: boolean): string {
  const start = Math.min(...from);
  const at = (place: number) => {
    if (place < start) return ' ';
    if (!from.includes(place)) return '─';
    if (goesOn) return place === start ? '├' : '┼';
    return place === start ? '└' : '┴';
  };
  return Array.from({ length }, (_, place) => at(place)).join('');
}
