import type { StallReason } from '../../workflows/context.ts';
import { currentChannel } from '../../workflows/limits.ts';
import { allowedIn, placeOf, stallOf } from '../../workflows/status.ts';
import { code, grouped, table } from './table.ts';
import { contextOf } from './walk.ts';
import type { Edge } from './walk.ts';

/** Where each answer to a send leads to, as the machine itself says. */
export function sendsTable(edges: readonly Edge[]): string {
  const answered = edges.filter((edge) => edge.from.journey.snapshot.hasTag('sending') && isAnswer(edge));
  const rows = [...grouped(answered, ({ move }) => move.type, sendOutcome)];
  return table(
    ['answer', 'leads to', 'ledger'],
    rows.map(([type, outcomes]) => [code(type), ...columns(outcomes)]),
  );
}

/** Where each answer to a code leads to. */
export function codesTable(edges: readonly Edge[]): string {
  const answered = edges.filter((edge) => stepOf(edge.from) === 'checkingCode' && isAnswer(edge));
  const rows = [...grouped(answered, answerName, guessOutcome)];
  return table(
    ['answer', 'leads to', 'the guess'],
    rows.map(([type, outcomes]) => [type, ...columns(outcomes)]),
  );
}

/** Which answers stall a journey for a reason, and what then leads on. */
export function stallsOf(edges: readonly Edge[], reason: StallReason): { causes: string[]; ends: string[] } {
  const stalled = edges.filter(({ to }) => stallOf(to.journey.snapshot)?.reason === reason);
  const causes = stalled
    .filter((edge) => isAnswer(edge) && stepOf(edge.from) === 'sending')
    .map(({ move }) => move.type);
  const ends = stalled.flatMap(({ to: { journey } }) => [
    ...Object.keys(allowedIn(journey.snapshot)).filter((command) => command !== 'pause'),
    ...(journey.timers.length > 0 ? ['time'] : []),
  ]);
  return { causes: [...new Set(causes)], ends: [...new Set(ends)].toSorted() };
}

type Walk = Edge['from'];

const stepOf = ({ journey }: Walk) => placeOf(journey.snapshot).step;

/** Commands carry who gave them; time passes without a word. */
const isAnswer = ({ move }: Edge) => !('by' in move) && move.type !== 'alarm' && move.type !== 'coolDown';

function answerName({ from, move }: Edge): string {
  if (move.type !== 'recordRead') return code(move.type);
  const verified = move.record[currentChannel(contextOf(from))] === 'verified';
  return `${code('recordRead')}, which says ${verified ? 'verified' : 'open'}`;
}

function leadsTo({ from, to }: Edge): string {
  const evidence = contextOf(to).evidence[currentChannel(contextOf(from))];
  if (evidence !== null) return `verified, evidence ${code(evidence)}`;
  const reason = stallOf(to.journey.snapshot)?.reason;
  const step = code(stepOf(to) ?? '');
  return reason === undefined ? step : `${step} as ${code(reason)}`;
}

function sendOutcome(edge: Edge): string {
  return `${leadsTo(edge)}\n${code(contextOf(edge.to).ledger.at(-1)?.outcome ?? '')}`;
}

function guessOutcome(edge: Edge): string {
  const channel = currentChannel(contextOf(edge.from));
  const [before, after] = [edge.from, edge.to].map((walk) => contextOf(walk).guesses[channel].onChannel);
  const target = leadsTo(edge).replace(/ as .*/, '');
  return `${target}\n${after === before ? 'spent' : 'given back'}`;
}

function columns(outcomes: ReadonlySet<string>): [string, string] {
  const parts = [...outcomes].map((outcome) => outcome.split('\n'));
  const column = (nth: number) => [...new Set(parts.map((part) => part[nth] ?? ''))].join(' or ');
  return [column(0), column(1)];
}
