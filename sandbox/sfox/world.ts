import type { Call } from './faults.ts';
import type { Outcome } from './http.ts';
import type { Scripts } from './scripts.ts';
import type { Channel, Users } from './users.ts';

/** One request as the log keeps it: no code, no key, no address. */
export interface RequestRecord {
  /** When it came: RFC 3339, UTC. */
  at: string;
  method: string;
  call: Call;
  userId: string | null;
  channel: Channel | null;
  status: number | Extract<Outcome, string>;
  fault: string | null;
  /** What the user had verified once it was answered. */
  verified: readonly Channel[];
}

/** Everything that a request may look at or change. */
export interface World {
  readonly users: Users;
  readonly scripts: Scripts;
  readonly requests: RequestRecord[];
  key: string;
  outage: boolean;
  /** Waits some ms; fails when the server closes meanwhile. */
  wait(ms: number): Promise<void>;
  /** Says that something may have changed that is to be kept. */
  changed(): void;
}
