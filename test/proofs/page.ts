import { table } from '../../client/docs/markdown.ts';
import type { Finding, MutationResult } from './check-properties.ts';
import { settings, sizeOf, smallPolicy } from './state-space.ts';
import type { Space } from './state-space.ts';

export interface Proofs {
  readonly space: Space;
  readonly findings: readonly Finding[];
  readonly mutationResults: readonly MutationResult[];
}

/** The text of `docs/proofs.md`: what is proven about the machine, how, and what is not. */
export function proofsDocument({ space, findings, mutationResults }: Proofs): string {
  const { sends, guesses } = smallPolicy;
  const transitionCount = [...space.edges.values()].reduce((sum, each) => sum + each.length, 0);
  return `${[
    '<!-- Generated from test/proofs by `npm run docs`. Changes made here are lost. -->',
    '# Proofs over the machine',
    `The proofs apply every command, every reply of the provider and every timer to a journey in every state that it can reach: **${space.states.size} states, ${transitionCount} transitions**. Each step is taken by the machine itself (\`workflows/journey/machine.ts\`), through \`workflows/journey/transition.ts\`, as in the workflow. The limits are small: ${sends.per10Minutes} sends in ten minutes and ${sends.perDay} a day, ${guesses.perCode} guess per code and ${guesses.perChannel} per channel.`,
    '## Properties',
    table(
      ['property', 'statement', 'checked on', 'result'],
      findings.map(({ name, statement, checked, over, counterexample }) => [
        name,
        statement,
        `${checked} ${over}`,
        counterexample === undefined ? 'holds' : `broken: ${counterexample}`,
      ]),
    ),
    'A final state counts as reachable only if the path does not depend on luck: each step is a command, a reply of a suitable kind, or a wait that leads on whichever timer fires first.',
    '## Mutations',
    'Each mutation is the real machine with one guard or action replaced. It has to break its property; the last column is the shortest path on which it does, found by the same exploration.',
    table(
      ['property', 'what is replaced', 'counterexample'],
      mutationResults.map(({ mutation: { breaks, what }, counterexample }) => [breaks, what, counterexample ?? 'none']),
    ),
    '## The state space',
    'Settings share states: the account type and the setting of the first SMS are chosen when the e-mail address is verified, and each choice is explored. In this table a restart keeps its setting.',
    table(
      ['account', 'first e-mail', 'first SMS', 'states', 'transitions'],
      settings().map((input) => {
        const { states, transitions } = sizeOf(space, input);
        const { firstEmail, smsStart } = input.policy;
        const firstSms = input.accountType === 'business' ? `${smsStart} (none)` : smsStart;
        return [input.accountType, firstEmail, firstSms, String(states), String(transitions)];
      }),
    ),
    ABSTRACTION,
    NOT_PROVEN,
  ].join('\n\n')}\n`;
}

const ABSTRACTION = `## How time is abstracted

A state of the space consists of the machine's state and context, its pending delays, and the calls to the provider that have no reply yet. It has no clock. Instead of times it holds what the limits distinguish:

- A send is in its cool-down, or it is at most ten minutes old, at most a day old, or older. Time moves one send to the next of these ages, never past the send before it. Of the sends that are older than a day, only the last is kept.
- At each automatic send and each first SMS, the user may have left or not. Both are explored.
- A pending delay may end at any moment and in any order. The delays of the cool-down and of the send limit end with that cool-down or limit.

The space contains every order of events that real time allows, and more. A property of transitions that holds in the space therefore holds for every value of \`codeLife\`, \`journeyLife\` and \`reminderAfter\`, and for every cool-down of up to ten minutes. Reachability assumes nothing about the order either.

The space also leaves out what no guard and no delay reads: the details and times of stalls and guesses, the log, the counters of the other channel, and which recoverable reason a stall has. Of the evidence it keeps only whether an operator's override still waits for the provider's record to agree. A value that is always written before it is read is left out until then. The setting of the first e-mail matters until a code has been sent.

A test checks that this abstraction loses nothing. It runs random journeys with all settings, random durations and restarts on a real clock, and looks up each step in the space: the state and, for a command or a reply, the transition. There are two exceptions, for which only the states are looked up: a late timer, which may end several delays at once, and the step at which the counters that a restart carried for the phone begin to count. A cool-down of zero ends before anything else happens.`;

const NOT_PROVEN = `## What is not proven

- Larger limits. The machine only compares numbers, so larger limits are unlikely to add new behaviour, but they are tested with random policies only. The same holds for cool-downs that grow from send to send.
- A cool-down of more than ten minutes.
- Quiet hours. The property about them is tested with random policies and time zones only.
- The counters of the other channel after a restart. A restart carries the counters of the current channel in every combination; those of the other channel are added, in every combination, when its turn comes.
- The workflow around the machine: that each effect is performed once, that each reply is applied once, and that updates are validated in order. Random journeys on a real Temporal server are compared with a reference model instead, with each command sent after the previous one has settled. Concurrent commands and killed processes have their own tests.
- \`asOf\`, with which a bulk operation avoids a second send: it can only reject a command.
- The behaviour of sFOX. In the space any reply can arrive at any time. The tests of \`activities/\` check how each reply is classified.`;
