import pc from 'picocolors';
import type { State } from '../../workflows/status.ts';
import type { RequestRecord } from '../sfox/index.ts';
import { complaints } from './check.ts';
import { picture } from './picture.ts';
import type { Outcome } from './play.ts';

/** What is wrong, a line for each complaint; nothing where every story ended as it must. */
export function wrongs(outcomes: readonly Outcome[], requests: readonly RequestRecord[]): string[] {
  return outcomes.flatMap(({ story, userId, status, failure }) => {
    const log = requests.filter((request) => request.userId === userId);
    const found = [...(failure === null ? [] : [failure]), ...complaints(story, status, log)];
    return found.map((complaint) => `${story.name} (${story.tells}): ${complaint}`);
  });
}

/** The end of the demonstration: the machine with the users where they ended, and a summary. */
export function curtain(outcomes: readonly Outcome[], wrong: readonly string[], seconds: number): string {
  const counts: Partial<Record<State, number>> = {};
  for (const { status } of outcomes) if (status) counts[status.state] = (counts[status.state] ?? 0) + 1;
  const ends = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  const sum = `${outcomes.length} sign-ups in ${seconds.toFixed(0)} s: ${ends.join(', ')}`;
  const verdict =
    wrong.length === 0
      ? pc.green(`${sum}. Every one is where it must be, and the provider's own log agrees.`)
      : [pc.red(`${sum}. Not as it must be:`), ...wrong.map((line) => pc.red(`  ${line}`))].join('\n');
  return `\n${picture(counts)}\n\n${verdict}\n`;
}
