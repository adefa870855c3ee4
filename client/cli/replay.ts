import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { createLogUpdate } from 'log-update';
import { encryptionKeys, temporalSettings } from '../environment.ts';
import type { Environment } from '../environment.ts';
import type { Broken, Replayed, ReplayLine, ReplayRequest } from '../replay/contract.ts';
import { word } from './desk.ts';
import type { Desk } from './desk.ts';
import { temporalEnvironment } from './doors.ts';
import { atLeastOne } from './numbers.ts';

/** A process of the worker's own: replaying takes its code, which no client has. */
const PROCESS = fileURLToPath(new URL('../../worker/replay.js', import.meta.url));
const LIMIT = 1_000;

interface Given {
  readonly json?: boolean;
  readonly limit: number;
  readonly histories?: string;
  readonly bundle?: string;
}

/** The word that stands before a deployment. */
export function addReplay(program: Command, desk: Desk): void {
  const does = 'Replays what is open on this code, and names what would break; exits with 1 where anything would';
  word(program, 'replay', does, 'replay --limit 5000')
    .option('--limit <count>', 'at most so many, of every state and step the oldest and the newest', atLeastOne, LIMIT)
    .option('--histories <folder>', 'those that were kept there, instead of what is open', existing)
    .option('--bundle <file>', 'workflow code other than that of this build', existing)
    .action(async ({ json = false, limit, histories, bundle }: Given) => {
      const found = temporalEnvironment(desk.env);
      encryptionKeys(found);
      if (histories === undefined) temporalSettings(found);
      const code = bundle === undefined ? {} : { bundle };
      const request = histories === undefined ? { ...code, limit } : { ...code, folder: histories };
      const end = await told(desk, json, lines(request, found));
      if (end.broken > 0) desk.exit = 1;
    });
}

function existing(given: string): string {
  if (existsSync(given)) return given;
  throw new InvalidArgumentError('it is not there.');
}

async function* lines(request: ReplayRequest, env: Environment): AsyncGenerator<ReplayLine> {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(request)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [gone, complaint] = [once(child, 'close') as Promise<[number | null]>, text(child.stderr)];
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line) as ReplayLine;
  const [code] = await gone;
  if (code !== 0) throw new Error((await complaint).trim() || `the replay has ended with ${code}`);
}

async function told({ out }: Desk, json: boolean, coming: AsyncIterable<ReplayLine>): Promise<Replayed> {
  const progress = out.isTerminal && !json ? createLogUpdate(out.stream) : undefined;
  const broken: Broken[] = [];
  let end: Replayed | undefined;
  try {
    for await (const { tells, ...line } of coming) {
      if (json && tells !== 'progress') out.json(line);
      if (tells === 'progress') progress?.(`${(line as Replayed).replayed} of ${(line as Replayed).of} replayed`);
      if (tells === 'broken') broken.push(line as Broken);
      if (tells === 'end') end = line as Replayed;
    }
  } finally {
    progress?.clear();
  }
  if (end === undefined) throw new Error('the replay has ended too early');
  if (!json) tellEnd({ out }, broken, end);
  return end;
}

function tellEnd({ out }: Pick<Desk, 'out'>, broken: readonly Broken[], { replayed, of }: Replayed): void {
  const rows = broken.map(({ userId, workflowId, place, event, why }) => [
    userId ?? workflowId,
    place,
    event === null ? '' : `${event.id} ${event.type}`,
    why,
  ]);
  if (rows.length > 0) out.table(['would break', 'where', 'at event', 'why'], rows);
  const good = replayed - broken.length;
  out.say(`${good} of ${replayed} replay on this code${of > replayed ? `, a sample of ${of}` : ''}`);
}
