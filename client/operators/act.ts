import type { Actor } from '../../workflows/journey/actor.ts';

export const actResults = ['applied', 'refused', 'failed'] as const;
export type ActResult = (typeof actResults)[number];

/** An act of an operator: operator, action, user, reason and result. A request to the gateway is one act. */
export interface Act {
  /** RFC 3339. */
  readonly at: string;
  readonly by: Actor;
  /** The act's name in the audit log, such as `pause`. */
  readonly act: string;
  /** The user of the act; `null` for several users, or none. */
  readonly userId: string | null;
  /** The resource of an act that is not about a user, such as the path of an operation. */
  readonly subject: string | null;
  readonly reason: string | null;
  /** The arguments, without user ids. */
  readonly parameters: Readonly<Record<string, unknown>> | null;
  readonly result: ActResult;
  /** The HTTP status. */
  readonly status: number;
  /** As in the logs and in the audit log. */
  readonly requestId: string;
}
