import type { Command } from 'commander';
import type { RecoveryStatus } from '../http/index.ts';
import { answer, door, reasonArgument, word } from './desk.ts';
import type { Desk } from './desk.ts';
import { clock } from './tell.ts';

interface Given {
  readonly json?: boolean;
}

const acts = {
  pause: ['Starts no more runs, and has the one that is on stop', 'sFOX asked us to wait', 'pauseRecovery'],
  resume: ['Starts runs again when they are due', 'sFOX is back', 'resumeRecovery'],
  trigger: ['Starts a run now, unless one is on', 'sFOX is back', 'triggerRecovery'],
} as const;

/** The automatic retry. */
export function addRecovery(program: Command, desk: Desk): void {
  const family = word(program, 'recovery', 'The automatic retry of what is stalled', 'recovery status');
  word(family, 'status', 'What it does now, has come to, and does next', 'recovery status').action(
    async (options: Given) => tell(desk, options, await door(desk, 'viewer').recovery()),
  );
  for (const [act, [does, why, call]] of Object.entries(acts)) {
    word(family, act, does, `recovery ${act} ${why}`)
      .addArgument(reasonArgument())
      .action(async (reason: string[], options: Given) => {
        tell(desk, options, await door(desk, 'operator')[call]({ reason: reason.join(' ') }));
      });
  }
}

function tell(desk: Desk, options: Given, status: RecoveryStatus): void {
  answer(desk, options, status, () => desk.out.say(tellRecovery(status)));
}

/** Recovery, on a few lines. */
function tellRecovery({ state, settings, nextRunAt, run, acts }: RecoveryStatus): string {
  const { every, perSecond, upToPerSecond } = settings;
  const newest = Object.entries(acts).flatMap(([act, by]) => (by === null ? [] : [{ act, ...by }]));
  return [
    `recovery is ${state}; every ${every / 1_000} s, ${perSecond} to ${upToPerSecond} a second`,
    ...(run === null ? [] : [tellRun(run)]),
    ...(nextRunAt === null ? [] : [`  next run at ${clock(nextRunAt)}`]),
    ...newest.map(({ act, by, at, reason }) => `  ${act} by ${by.name} at ${clock(at)}: ${reason}`),
  ].join('\n');
}

function tellRun(run: NonNullable<RecoveryStatus['run']>): string {
  const { startedAt, canary, pace, done, notJudged, left, outcome } = run;
  const parts = [
    `${done} done, ${notJudged} not judged, ${left} left`,
    ...(canary === null ? [] : [`canary ${canary}`]),
    ...(pace === null ? [] : [`${pace} a second`]),
    ...(outcome === null ? [] : [outcome]),
  ];
  return `  run of ${clock(startedAt)}: ${parts.join('; ')}`;
}
