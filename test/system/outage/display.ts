import pc from 'picocolors';
import type { OutageView } from './run-scenario.ts';

const WIDTH = 46;
const SHOWN_EVENTS = 6;

/** Renders the provider's and recovery's state, the journeys by progress, and the latest messages. */
export function renderDisplay(view: OutageView, messages: readonly string[]): string {
  const { isProviderDown, users, usersSent, summary, recovery } = view;
  const { states, steps } = summary;
  const open = users - states.done;
  return [
    '',
    `  provider   ${isProviderDown ? pc.red('● down') : pc.green('● up')}`,
    `  recovery   ${pc.bold(recovery.state)}${describeRun(recovery)}`,
    '',
    renderBar('stalled', steps.stalled, users, pc.red),
    renderBar('under way', Math.max(0, open - steps.stalled), users, pc.yellow),
    renderBar('done', states.done, users, pc.green),
    pc.dim(`  ${usersSent} of ${users} have been sent a code`),
    '',
    ...messages.slice(-SHOWN_EVENTS).map((line) => `  ${line}`),
    '',
  ].join('\n');
}

function renderBar(name: string, count: number, of: number, colour: (text: string) => string): string {
  const length = Math.round((count / of) * WIDTH);
  return `  ${name.padEnd(10)} ${colour('█'.repeat(length))}${pc.dim('░'.repeat(WIDTH - length))} ${count}`;
}

function describeRun({ run }: OutageView['recovery']): string {
  if (run === null) return '';
  const { canary, pace, done, remaining } = run;
  const parts = [
    ...(canary === null ? [] : [`canary ${canary}`]),
    ...(pace === null ? [] : [`${pace} a second`]),
    `${done} done, ${remaining} remaining`,
  ];
  return pc.dim(`   ${parts.join(' · ')}`);
}

/** Renders the same on one line, for output that cannot be redrawn. */
export function renderLine({ isProviderDown, usersSent, summary: { states, steps }, recovery }: OutageView): string {
  return `provider ${isProviderDown ? 'down' : 'up'}, recovery ${recovery.state}: ${steps.stalled} stalled, ${usersSent} sent a code, ${states.done} done`;
}
