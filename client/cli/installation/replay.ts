import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { createLogUpdate } from 'log-update';
import { encryptionKeys, temporalSettings } from '../../config/env.ts';
import type { Environment } from '../../config/env.ts';
import { readAll } from '../../config/setting-error.ts';
import type { ReplayBreakage, ReplayReport, ReplayLine, ReplayRequest } from '../../replay/protocol.ts';
import { addCommand } from '../context.ts';
import type { CliContext } from '../context.ts';
import { temporalEnvironment } from '../gateway.ts';
import { parsePositiveInteger } from '../options/numbers.ts';

/** Replay runs in a child process: it needs the worker's code, which clients do not load. */
const REPLAY_SCRIPT = fileURLToPath(new URL('../../../worker/replay/main.js', import.meta.url));
const DEFAULT_MAX_WORKFLOWS = 1_000;

interface ReplayOptions {
  readonly limit: number;
  readonly histories?: string;
  readonly bundle?: string;
}

/** Adds `replay`, the check to run before a deployment. */
export function addReplayCommand(program: Command, context: CliContext): void {
  const description = 'Replays open workflows on this build and lists those that would break. Exits 1 if any would.';
  addCommand(program, 'replay', description, 'replay', 'replay --limit 5000')
    .option(
      '--limit <count>',
      'replay at most this many: the oldest and newest of each state and step',
      parsePositiveInteger,
      DEFAULT_MAX_WORKFLOWS,
    )
    .option('--histories <folder>', 'replay the histories saved in this folder instead', existingPath)
    .option('--bundle <file>', 'workflow bundle to replay on, instead of this build', existingPath)
    .action(async ({ limit, histories, bundle }: ReplayOptions) => {
      const env = temporalEnvironment(context.env);
      readAll({
        keys: () => encryptionKeys(env),
        temporal: () => (histories === undefined ? temporalSettings(env) : undefined),
      });
      const code = bundle === undefined ? {} : { bundle };
      const request = histories === undefined ? { ...code, limit } : { ...code, folder: histories };
      const end = await printBreakage(context, replayLines(request, env));
      if (end.broken > 0) context.exit = 1;
    });
}

function existingPath(path: string): string {
  if (existsSync(path)) return path;
  throw new InvalidArgumentError('the path does not exist.');
}

async function* replayLines(request: ReplayRequest, env: Environment): AsyncGenerator<ReplayLine> {
  const child = spawn(process.execPath, [REPLAY_SCRIPT, JSON.stringify(request)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [closed, stderr] = [once(child, 'close') as Promise<[number | null]>, text(child.stderr)];
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line) as ReplayLine;
  const [code] = await closed;
  if (code !== 0) throw new Error((await stderr).trim() || `the replay process exited with code ${code}`);
}

async function printBreakage({ out }: CliContext, reports: AsyncIterable<ReplayLine>): Promise<ReplayReport> {
  const progress = out.canRedraw ? createLogUpdate(out.stream) : undefined;
  const broken: ReplayBreakage[] = [];
  let end: ReplayReport | undefined;
  try {
    for await (const { kind, ...line } of reports) {
      if (kind !== 'progress') out.writeDocument(line);
      if (kind === 'progress')
        progress?.(`${(line as ReplayReport).replayed} of ${(line as ReplayReport).of} replayed`);
      if (kind === 'broken') broken.push(line as ReplayBreakage);
      if (kind === 'end') end = line as ReplayReport;
    }
  } finally {
    progress?.clear();
  }
  if (end === undefined) throw new Error('the replay process exited before it reported a result');
  if (!out.isDocument) printResult({ out }, broken, end);
  return end;
}

function printResult(
  { out }: Pick<CliContext, 'out'>,
  broken: readonly ReplayBreakage[],
  { replayed, of }: ReplayReport,
): void {
  const rows = broken.map(({ userId, workflowId, place, event, cause: why }) => [
    userId ?? workflowId,
    place,
    event === null ? '' : `${event.id} ${event.type}`,
    why,
  ]);
  if (rows.length > 0) out.table(['would break', 'where', 'at event', 'why'], rows);
  const good = replayed - broken.length;
  out.writeLine(`${good} of ${replayed} replay on this code${of > replayed ? `, a sample of ${of}` : ''}`);
}
