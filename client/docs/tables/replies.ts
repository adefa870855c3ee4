import type { StallReason } from '../../../workflows/journey/stall-reasons.ts';
import { currentChannel } from '../../../workflows/journey/limits/limits.ts';
import { allowedIn, positionOf, stallStatusOf } from '../../../workflows/journey/status/status.ts';
import { code, groupValues, table } from '../markdown.ts';
import { contextOf } from '../explore.ts';
import type { Edge } from '../explore.ts';

/** Renders where each reply to a send leads, read from the machine. */
export function sendsTable(edges: readonly Edge[]): string {
  const answered = edges.filter((edge) => edge.from.journey.snapshot.hasTag('sending') && isAnswer(edge));
  const rows = [...groupValues(answered, ({ move }) => move.type, sendOutcome)];
  return table(
    ['reply', 'leads to', 'ledger'],
    rows.map(([type, outcomes]) => [code(type), ...columns(outcomes)]),
  );
}

/** Renders where each reply to a code leads. */
export function codesTable(edges: readonly Edge[]): string {
  const answered = edges.filter((edge) => stepOf(edge.from) === 'checkingCode' && isAnswer(edge));
  const rows = [...groupValues(answered, answerName, guessOutcome)];
  return table(
    ['reply', 'leads to', 'attempt'],
    rows.map(([type, outcomes]) => [type, ...columns(outcomes)]),
  );
}

/** Returns which replies stall a journey for a reason, and which commands or timers end the stall. */
export function stallsOf(edges: readonly Edge[], reason: StallReason): { causes: string[]; ends: string[] } {
  const stalled = edges.filter(({ to }) => stallStatusOf(to.journey.snapshot)?.reason === reason);
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

const stepOf = ({ journey }: Walk) => positionOf(journey.snapshot).step;

/** Commands have a `by` field; `alarm` and `coolDown` are the passing of time. */
const isAnswer = ({ move }: Edge) => !('by' in move) && move.type !== 'alarm' && move.type !== 'coolDown';

function answerName({ from, move }: Edge): string {
  if (move.type !== 'record.read') return code(move.type);
  const recorded = move.record[currentChannel(contextOf(from))];
  return `${code('record.read')}, which ${recorded === null ? 'does not mention the channel' : `says ${recorded}`}`;
}

function leadsTo({ from, to }: Edge): string {
  const evidence = contextOf(to).evidence[currentChannel(contextOf(from))];
  if (evidence !== null) return `verified, evidence ${code(evidence)}`;
  const reason = stallStatusOf(to.journey.snapshot)?.reason;
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
  return `${target}\n${after === before ? 'used up' : 'given back'}`;
}

function columns(outcomes: ReadonlySet<string>): [string, string] {
  const parts = [...outcomes].map((outcome) => outcome.split('\n'));
  const column = (nth: number) => [...new Set(parts.map((part) => part[nth] ?? ''))].join(' or ');
  return [column(0), column(1)];
}
