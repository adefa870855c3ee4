import pc from 'picocolors';
import type { View } from './scene.ts';

const WIDTH = 46;
const SHOWN = 6;

/** The queue as it shrinks, the provider, what recovery does, and what has happened last. */
export function picture(view: View, happened: readonly string[]): string {
  const { isAway, users, served, summary, recovery } = view;
  const { states, steps } = summary;
  const open = users - states.done;
  return [
    '',
    `  provider   ${isAway ? pc.red('● away') : pc.green('● there')}`,
    `  recovery   ${pc.bold(recovery.state)}${doing(recovery)}`,
    '',
    bar('stalled', steps.stalled, users, pc.red),
    bar('under way', Math.max(0, open - steps.stalled), users, pc.yellow),
    bar('done', states.done, users, pc.green),
    pc.dim(`  ${served} of ${users} have been sent a code`),
    '',
    ...happened.slice(-SHOWN).map((line) => `  ${line}`),
    '',
  ].join('\n');
}

function bar(name: string, count: number, of: number, colour: (text: string) => string): string {
  const length = Math.round((count / of) * WIDTH);
  return `  ${name.padEnd(10)} ${colour('█'.repeat(length))}${pc.dim('░'.repeat(WIDTH - length))} ${count}`;
}

function doing({ run }: View['recovery']): string {
  if (run === null) return '';
  const { canary, pace, done, left } = run;
  const parts = [
    ...(canary === null ? [] : [`canary ${canary}`]),
    ...(pace === null ? [] : [`${pace} a second`]),
    `${done} done, ${left} left`,
  ];
  return pc.dim(`   ${parts.join(' · ')}`);
}

/** The same on one line, where nothing can be drawn anew. */
export function line({ isAway, served, summary: { states, steps }, recovery }: View): string {
  return `provider ${isAway ? 'away' : 'there'}, recovery ${recovery.state}: ${steps.stalled} stalled, ${served} sent to, ${states.done} done`;
}
