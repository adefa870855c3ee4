import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { Check } from '../doctor/index.ts';
import { encryptionKeys, policySettings, temporalSettings } from '../environment.ts';
import type { SetupReport } from '../setup.ts';
import { answer, word } from './desk.ts';
import type { Desk } from './desk.ts';
import { temporalEnvironment } from './doors.ts';

interface Given {
  readonly json?: boolean;
}

/** The words that look at the machine and at what it runs on. What they need is loaded with them, since it takes a second. */
export function addOperating(program: Command, desk: Desk): void {
  diagram(program, desk);
  setup(program, desk);
  doctor(program, desk);
}

function diagram(program: Command, desk: Desk): void {
  word(program, 'diagram', 'The machine as a Mermaid picture', 'diagram --steps > steps.md')
    .option('--steps', 'the steps inside a pending state, instead of the states')
    .action(async ({ steps = false, ...options }: Given & { steps?: boolean }) => {
      const { statesPicture, stepsPicture } = await import('../diagram/mermaid.ts');
      const picture = steps ? stepsPicture() : statesPicture();
      answer(desk, options, { mermaid: picture.replace(/^```.*\n?/gm, '') }, () => desk.out.say(picture));
    });
}

function setup(program: Command, desk: Desk): void {
  const does = 'Makes a Temporal namespace ready; repeatable';
  word(program, 'setup', does, 'setup').action(async (options: Given) => {
    const { setup: makeReady } = await import('../setup.ts');
    const { policy, recovery } = policySettings(desk.env);
    const report = await withTemporal(desk, (client) =>
      makeReady(client, { recovery, callTimeout: policy.callTimeout }),
    );
    answer(desk, options, report, () => desk.out.say(tellSetup(report)));
    if (report.mistyped.length > 0) desk.exit = 1;
  });
}

function tellSetup({
  namespace,
  kept,
  added,
  mistyped,
  retentionDays,
  retentionRaised,
  schedule,
}: SetupReport): string {
  return [
    `namespace ${namespace}`,
    `  search attributes: ${added.length} added, ${kept.length} were there`,
    ...(mistyped.length > 0 ? [`  of another type, so that another namespace is needed: ${mistyped.join(', ')}`] : []),
    `  retention: ${retentionDays} days${retentionRaised ? ', raised' : ''}`,
    `  recovery: ${schedule}`,
  ].join('\n');
}

function doctor(program: Command, desk: Desk): void {
  const does = 'Looks at everything that journeys need, and says how to mend what is wrong';
  word(program, 'doctor', does, 'doctor --json').action(async ({ json = false }: Given) => {
    const { examine } = await import('../doctor/index.ts');
    const checks: Check[] = [];
    await withTemporal(desk, async (client) => {
      for await (const check of examine(client)) {
        if (!json) desk.out.say(tellCheck(desk, check));
        checks.push(check);
      }
    });
    if (json) desk.out.json(checks);
    if (checks.some(({ ok }) => ok === false)) desk.exit = 1;
  });
}

function tellCheck({ out: { colours } }: Desk, { name, ok, found, mend }: Check): string {
  const mark = { true: colours.green('ok     '), false: colours.red('wrong  '), skipped: colours.dim('skipped') }[
    `${ok}` as const
  ];
  return `${mark} ${name}: ${found}${mend === null ? '' : `\n        ${colours.bold(`mend: ${mend}`)}`}`;
}

async function withTemporal<T>({ env }: Desk, act: (client: Client) => Promise<T>): Promise<T> {
  const found = temporalEnvironment(env);
  const keys = encryptionKeys(found);
  const { connectLater } = await import('../connect.ts');
  const client = connectLater(temporalSettings(found), keys);
  try {
    return await act(client);
  } finally {
    await client.connection.close();
  }
}
