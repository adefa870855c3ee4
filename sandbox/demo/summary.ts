import pc from 'picocolors';
import type { State } from '../../workflows/journey/status/status.ts';
import type { RequestRecord } from '../sfox/index.ts';
import { verifyOutcome } from './verify-outcome.ts';
import { drawMachine } from './machine-diagram.ts';
import type { Outcome } from './run-scenarios.ts';

/** Returns a line for each difference from the expected outcomes; empty if there is none. */
export function findDifferences(outcomes: readonly Outcome[], requests: readonly RequestRecord[]): string[] {
  return outcomes.flatMap(({ story, userId, status, failure }) => {
    const log = requests.filter((request) => request.userId === userId);
    const found = [...(failure === null ? [] : [failure]), ...verifyOutcome(story, status, log)];
    return found.map((complaint) => `${story.name} (${story.description}): ${complaint}`);
  });
}

/** Returns the end of the demo's output: the machine with the number of users in each final state, and a summary. */
export function summaryText(outcomes: readonly Outcome[], wrong: readonly string[], seconds: number): string {
  const counts: Partial<Record<State, number>> = {};
  for (const { status } of outcomes) if (status) counts[status.state] = (counts[status.state] ?? 0) + 1;
  const ends = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  const sum = `${outcomes.length} sign-ups in ${seconds.toFixed(0)} s: ${ends.join(', ')}`;
  const verdict =
    wrong.length === 0
      ? pc.green(`${sum}. Every outcome is as expected and matches the log of the simulator.`)
      : [pc.red(`${sum}. Unexpected outcomes:`), ...wrong.map((line) => pc.red(`  ${line}`))].join('\n');
  return `\n${drawMachine(counts)}\n\n${verdict}\n`;
}
