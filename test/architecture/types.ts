import type { Command } from '../../workflows/journey/events.ts';
import type { Reply } from '../../workflows/journey/replies.ts';
import type { State, Status } from '../../workflows/journey/status/status.ts';
import type { Effect, Snapshot } from '../../workflows/journey/transition.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import type { Onward } from '../../client/onward.ts';

/** Code that must not compile. It is never run: `tsc` fails if one of these lines compiles. */

declare const answer: Reply;
declare const command: Command;
declare const snapshot: Snapshot;
declare const policy: Policy;
declare const status: Status;
declare const onward: Onward;

// @ts-expect-error a provider reply is not a command, so a caller cannot forge one
export const forged: Command = answer;

// @ts-expect-error a command is not a provider reply
export const claimed: Reply = command;

// @ts-expect-error the journey can be asked for these alone
export const effect: Effect = { type: 'sendEverything' };

// @ts-expect-error a send says by which channel
export const channelless: Effect = { type: 'send' };

// @ts-expect-error no state has this name
export const state: State = 'phonePending';

// @ts-expect-error no state has this name, neither inside the machine
export const inside = snapshot.matches('phonePending');

// @ts-expect-error the channel does not exist
export const byPost: Command = { type: 'resend', channel: 'post', at: 0, by: command.by, reason: null };

// @ts-expect-error the machine has no clock: an event carries its time
export const timeless: Reply = { type: 'code.correct' };

// @ts-expect-error a journey keeps the policy that it began with
policy.codeLife = 1;

// @ts-expect-error a status that comes from the server may know no step
export const step: string = status.step;

// @ts-expect-error an operator says why
export const silent = onward.pause('ada', {}, { role: 'operator', name: 'night' });

// @ts-expect-error a viewer gives no commands
export const viewer = onward.resend('ada', {}, { role: 'viewer', name: 'night' });
