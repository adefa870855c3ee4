import type { Answer, Command } from '../../workflows/events.ts';
import type { State, Status } from '../../workflows/status.ts';
import type { Effect, Snapshot } from '../../workflows/step.ts';
import type { Policy } from '../../workflows/policy.ts';
import type { Onward } from '../../client/onward.ts';

/** What must not compile. Nobody runs this: `tsc` fails where one of the mistakes is none. */

declare const answer: Answer;
declare const command: Command;
declare const snapshot: Snapshot;
declare const policy: Policy;
declare const status: Status;
declare const onward: Onward;

// @ts-expect-error an answer of the provider is no command: nobody forges one
export const forged: Command = answer;

// @ts-expect-error a command is no answer
export const claimed: Answer = command;

// @ts-expect-error the journey can be asked for these alone
export const effect: Effect = { type: 'sendEverything' };

// @ts-expect-error a send says by which channel
export const channelless: Effect = { type: 'send' };

// @ts-expect-error no state has this name
export const state: State = 'phonePending';

// @ts-expect-error no state has this name, neither inside the machine
export const inside = snapshot.matches('phonePending');

// @ts-expect-error there is no third channel
export const byPost: Command = { type: 'resend', channel: 'post', at: 0, by: command.by, reason: null };

// @ts-expect-error the machine has no clock: an event carries its time
export const timeless: Answer = { type: 'codeRight' };

// @ts-expect-error a journey keeps the policy that it began with
policy.codeLife = 1;

// @ts-expect-error a status that comes from the server may know no step
export const step: string = status.step;

// @ts-expect-error an operator says why
export const silent = onward.pause('ada', {}, { role: 'operator', name: 'night' });

// @ts-expect-error a viewer gives no commands
export const viewer = onward.resend('ada', {}, { role: 'viewer', name: 'desk' });
