import type { Actor } from './actor.ts';
import type { AdoptablePolicy } from './policy/adoption.ts';
import type { CommandEvent } from './commands.ts';
import type { Reply } from './replies.ts';

/** An action of an operator, for audit. */
export interface OperatorAction {
  /** RFC 3339. */
  readonly at: string;
  readonly by: Actor;
  readonly reason: string;
}

/** What every command carries. Exported for the declarations of the machine. */
export interface CommandBase {
  /** Milliseconds since 1970. The machine has no clock. */
  readonly at: number;
  readonly by: Actor;
  /** Required from operators; `null` from the product's backend. */
  readonly reason: string | null;
}

/** The commands of a journey. */
export type Command = CommandBase &
  (
    | CommandEvent
    /** One send attempt of a stalled journey. Only recovery uses it. */
    | { readonly type: 'recover' }
    /** The journey adopts another policy. Only bulk operations send it. */
    | { readonly type: 'adoptPolicy'; readonly policy: AdoptablePolicy }
  );

/** The delays of the machine. */
export const delayNames = [
  'journeyLife',
  'reminderAfter',
  'automaticResendAfter',
  'quietHoursEnd',
  'cooldown',
  'sendLimit',
  'sendBudget',
] as const;
export type DelayName = (typeof delayNames)[number];

export type JourneyEvent = Command | Reply;
