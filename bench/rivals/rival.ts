import type { Channel } from '../../activities/contract.ts';
import type { Undo } from '../../sandbox/undo.ts';
import type { System } from '../stand/load.ts';
import type { Provider } from '../stand/provider.ts';

/** What a user would take, set up as its documentation teaches, each part of it a process. */
export interface Rival {
  readonly system: System;
  /** What it is made of, by name and version. */
  readonly parts: string;
  /** Of all that works for it but its client, which is in this process. */
  pids(): readonly number[];
  isDone(userId: string): Promise<boolean>;
  /** What a user presses for whom no code has come, where there is such a thing. */
  resend?(userId: string, channel: Channel): Promise<unknown>;
  /** Kills everything but the client at once, as when a machine dies, and starts it again. */
  die(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** What it keeps when the power is cut, as it is set up here. */
  readonly keeps: string;
  /** How many users at a time keep all of the machine busy with it. */
  readonly parallel: number;
  /** Why it cannot be measured on this machine. */
  missing?(): Promise<string | undefined>;
  /** In a folder of its own. */
  setUp(provider: Provider, undo: Undo, folder: string): Promise<Rival>;
}
