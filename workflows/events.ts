import type { Channel, UserRecord } from '../activities/contract.ts';

/** Who gave a command: the role and name of the token, or of the caller in process; `onward` is the system itself. */
export interface Actor {
  readonly role: 'app' | 'operator' | 'temporal' | 'onward';
  readonly name: string;
}

/** What an operator did: who, when and why. */
export interface Act {
  /** RFC 3339. */
  readonly at: string;
  readonly by: Actor;
  readonly reason: string;
}

interface Told {
  /** Milliseconds since 1970: the machine has no clock of its own. */
  readonly at: number;
  readonly by: Actor;
  /** An operator's words; a product's backend gives none. */
  readonly reason: string | null;
}

/** What people and systems tell a journey. */
export type Command = Told &
  (
    | { readonly type: 'submitCode'; readonly channel: Channel; readonly code: string }
    /** `asOf`: what a bulk operation knew of. A code that was sent after that is not sent again. */
    | { readonly type: 'resend'; readonly channel: Channel; readonly asOf?: number | undefined }
    | { readonly type: 'recheck' }
    | { readonly type: 'retry' }
    | { readonly type: 'pause' }
    | { readonly type: 'resume' }
    | { readonly type: 'cancel' }
    | { readonly type: 'override'; readonly channel: Channel }
    /** Recovery's own: one try of a stalled journey. Nobody else gives it. */
    | { readonly type: 'recover' }
  );

/** What people may tell a journey. */
export const commandTypes = [
  'submitCode',
  'resend',
  'recheck',
  'retry',
  'pause',
  'resume',
  'cancel',
  'override',
] as const satisfies readonly Command['type'][];
export type CommandType = (typeof commandTypes)[number];

interface Heard {
  readonly at: number;
}

/** What the provider answered, or that it did not. Nobody but the workflow's own activities can say these. */
export type Answer = Heard &
  (
    | { readonly type: 'codeSent'; readonly to: string | null }
    | { readonly type: 'sendAlreadyVerified' }
    | { readonly type: 'sendRefused'; readonly detail: string }
    | { readonly type: 'sendUnreached'; readonly detail: string }
    | { readonly type: 'sendRateLimited'; readonly detail: string }
    | { readonly type: 'sendCredentials'; readonly detail: string }
    | { readonly type: 'sendUnknown'; readonly detail: string }
    | { readonly type: 'sendStopped' }
    | { readonly type: 'codeRight' }
    | { readonly type: 'codeAlreadyVerified' }
    | { readonly type: 'codeWrong' }
    | { readonly type: 'codeNotJudged'; readonly detail: string; readonly retryAfter: number | null }
    | { readonly type: 'codeUnknown'; readonly detail: string }
    | { readonly type: 'recordRead'; readonly record: UserRecord }
    | { readonly type: 'recordRefused'; readonly detail: string }
    | { readonly type: 'recordUnread'; readonly detail: string }
    | { readonly type: 'recordCredentials'; readonly detail: string }
  );

export type JourneyEvent = Command | Answer;
