import type { Channel } from '../../activities/contract.ts';
import type { Cleanup } from '../../sandbox/process/cleanup.ts';
import type { System } from '../harness/load.ts';
import type { Provider } from '../harness/provider.ts';

/** A product that Onward is compared with, set up after its documentation. Each part is a separate process. */
export interface Rival {
  readonly system: System;
  /** The names and versions of its parts. */
  readonly parts: string;
  /** The process ids of all its parts except the client, which is in this process. */
  pids(): readonly number[];
  isDone(userId: string): Promise<boolean>;
  /** Requests another code, if the product offers that. */
  resend?(userId: string, channel: Channel): Promise<unknown>;
  /** Kills everything except the client with SIGKILL, and starts it again. */
  crash(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** What survives a power failure with this setup. */
  readonly keeps: string;
  /** The number of concurrent users that saturates the machine. */
  readonly parallel: number;
  /** Returns why it cannot be measured on this machine. */
  missing?(): Promise<string | undefined>;
  /** Starts it with its data in the given folder. */
  setUp(provider: Provider, cleanup: Cleanup, folder: string): Promise<Rival>;
}
