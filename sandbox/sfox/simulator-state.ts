import type { Call } from './faults/faults.ts';
import type { Holds } from './faults/holds.ts';
import type { Outcome } from './http.ts';
import type { Scripts } from './faults/scripts.ts';
import type { Channel } from './channels.ts';
import type { Users } from './users.ts';

/** An entry of the request log, without code, key and address. */
export interface RequestRecord {
  /** When the request arrived: RFC 3339, UTC. */
  at: string;
  method: string;
  call: Call;
  userId: string | null;
  channel: Channel | null;
  status: number | Extract<Outcome, string>;
  fault: string | null;
  /** The verified channels of the user after the reply. */
  verified: readonly Channel[];
}

/** The state that requests read and change. */
export interface SimulatorState {
  readonly users: Users;
  readonly scripts: Scripts;
  readonly requests: RequestRecord[];
  key: string;
  outage: boolean;
  readonly holds: Holds;
  /** Aborts when the simulator closes. */
  readonly closing: AbortSignal;
  /** Reports that the state to save may have changed. */
  changed(): void;
}
