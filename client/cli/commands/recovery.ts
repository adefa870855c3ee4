import type { Command } from 'commander';
import { formatDuration, formatTime } from '../../presentation/format-time.ts';
import type { RecoveryStatus } from '../../http-client/index.ts';
import { addCommand, addRead, addReadGroup, connectClient, printRead, printReply, reasonArgument } from '../context.ts';
import type { CliContext } from '../context.ts';

const actions = {
  pause: ['Pauses automatic recovery and stops the current run', 'sFOX asked us to wait', 'pauseRecovery'],
  resume: ['Resumes automatic recovery', 'sFOX is back', 'resumeRecovery'],
  trigger: ['Starts a recovery run now, unless one is in progress', 'sFOX is back', 'triggerRecovery'],
} as const;

/** Adds `recovery`, which shows its state, and its subcommands. */
export function addRecoveryCommands(program: Command, context: CliContext): void {
  const description = 'Shows and controls the automatic retry of stalled journeys';
  const group = addReadGroup(program, 'recovery', description, 'recovery', 'recovery pause sFOX asked us to wait');
  const status = addRead(group, 'status', 'Shows the state, the last run and the next one', 'recovery status --watch');
  for (const command of [group, status]) {
    command.action(async () => {
      const client = connectClient(context, 'viewer');
      await printRead(
        context,
        () => client.recovery(),
        (shown) => context.out.writeLine(printRecovery(shown)),
      );
    });
  }
  for (const [name, [about, reason, call]] of Object.entries(actions)) {
    addCommand(group, name, about, `recovery ${name} ${reason}`)
      .addArgument(reasonArgument())
      .action(async (reason: string[]) => {
        const changed = await connectClient(context, 'operator')[call]({ reason: reason.join(' ') });
        printReply(context, changed, (shown) => context.out.writeLine(printRecovery(shown)));
      });
  }
}

function printRecovery({ state, settings, nextRunAt, run, acts, refusals }: RecoveryStatus): string {
  const { every, perSecond, upToPerSecond } = settings;
  const newest = Object.entries(acts).flatMap(([act, by]) => (by === null ? [] : [{ act, ...by }]));
  return [
    `recovery is ${nextRunAt === null ? paused(state, acts) : state}; every ${formatDuration(every)}, ${perSecond} to ${upToPerSecond} a second`,
    ...(run === null ? [] : [printRun(run)]),
    ...(nextRunAt === null ? [] : [`  next run at ${formatTime(nextRunAt)}`]),
    ...printRefusals(refusals),
    ...newest.map(({ act, by, at, reason }) => `  ${act} by ${by.name} at ${formatTime(at)}: ${reason}`),
  ].join('\n');
}

/** Formats the texts with which the provider refuses users: a wording that Onward does not know is seen here first. */
function printRefusals(refusals: RecoveryStatus['refusals']): string[] {
  if (refusals.length === 0) return [];
  const lines = refusals.map(({ text, journeys }) => `    ${String(journeys).padStart(3)} × ${text}`);
  return ['  the provider refuses users, newest 50 journeys; recovery does not retry these:', ...lines];
}

/** Formats who paused recovery, when and why, and whether a run is still in progress. */
function paused(state: RecoveryStatus['state'], { paused: act, resumed }: RecoveryStatus['acts']): string {
  const isOurs = act !== null && (resumed === null || resumed.at < act.at);
  const who = isOurs ? `by ${act.by.name} since ${formatTime(act.at)}: "${act.reason}"` : 'outside Onward';
  const ending = state === 'paused' ? '' : `; a run is still ${state}`;
  return `paused; ${who}; stalled journeys are not retried until \`onward recovery resume <why>\`${ending}`;
}

function printRun(run: NonNullable<RecoveryStatus['run']>): string {
  const { startedAt, canary, pace, done, notAnswered, offered, remaining, outcome } = run;
  const parts = [
    `${done} done, ${offered} offered at their next visit, ${notAnswered} without a reply, ${remaining} left`,
    ...(canary === null ? [] : [`canary ${canary}`]),
    ...(pace === null ? [] : [`${pace} a second`]),
    ...(outcome === null ? [] : [outcome]),
  ];
  return `  run of ${formatTime(startedAt)}: ${parts.join('; ')}`;
}
