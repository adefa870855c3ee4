import { table } from '../../client/diagram/table.ts';
import type { Finding, Seen } from './prove.ts';
import { settings, sizeOf, smallPolicy } from './space.ts';
import type { Space } from './space.ts';

export interface Proofs {
  readonly space: Space;
  readonly findings: readonly Finding[];
  readonly seen: readonly Seen[];
}

/** `docs/proofs.md`: what was proven of the machine, how, and what was not. */
export function proofsDocument({ space, findings, seen }: Proofs): string {
  const { sends, guesses } = smallPolicy;
  const ways = [...space.ways.values()].reduce((sum, each) => sum + each.length, 0);
  return `${[
    '<!-- Generated from test/proofs by `npm run docs`. Changes made here are lost. -->',
    '# Proofs over the machine',
    `Everything that people, the provider and the clock can do to a journey is tried in every state that it can come to: **${space.places.size} states, ${ways} transitions**. It is the machine of \`workflows/machine.ts\` that takes each step, by \`workflows/step.ts\`, as in the workflow. The limits are small: ${sends.per10Minutes} sends in ten minutes and ${sends.perDay} a day, ${guesses.perCode} guess a code and ${guesses.perChannel} a channel.`,
    '## What is promised',
    table(
      ['promise', 'statement', 'checked on', 'found'],
      findings.map(({ name, statement, checked, over, broken }) => [
        name,
        statement,
        `${checked} ${over === 'changes' ? 'transitions' : 'states'}`,
        broken === undefined ? 'holds' : `broken: ${broken}`,
      ]),
    ),
    'That an end can be reached is meant strictly: by a command or an answer of the right kind, or by waiting, whichever of the things that time brings comes first.',
    '## What would break it',
    'Each is the real machine with one thing replaced, and the shortest way to the fault, found by the same walk.',
    table(
      ['promise', 'what is replaced', 'what was then seen'],
      seen.map(({ mutation: { breaks, what }, way }) => [breaks, what, way ?? 'nothing']),
    ),
    '## The state space',
    'Settings share states: what an account is, and when it is texted, is chosen as its e-mail is verified, each choice being tried. A restart stays with its setting here.',
    table(
      ['account', 'first e-mail', 'first text', 'states', 'transitions'],
      settings().map((input) => {
        const { places, ways } = sizeOf(space, input);
        const { firstEmail, smsStart } = input.policy;
        const text = input.accountType === 'business' ? `${smsStart} (none)` : smsStart;
        return [input.accountType, firstEmail, text, String(places), String(ways)];
      }),
    ),
    ABSTRACTION,
    NOT_PROVEN,
  ].join('\n\n')}\n`;
}

const ABSTRACTION = `## How time is left out

A state of the space is the state of the machine, what it remembers, the delays it has pending, and what the provider has been asked and has not answered. It has no clock. In place of times it holds what a limit can ask of them:

- A send is in its cool-down, or past that within ten minutes, within a day, or older. Time makes one send older by one of these steps, never past the send before it. Sends older than a day are one: the last.
- A pending delay may be over at any moment, in any order; the cool-down's and the send limit's when that cool-down or limit is over, which is what they wait for.

Every order in which real time could bring these about is among the ways of the space, and more. So a promise about transitions that holds in the space holds for every length of the life of a code, of a journey, of the wait for a reminder, and of a cool-down up to ten minutes. Where an end is to be reached nothing is assumed of the order either.

Left out as well is what no guard and no delay reads: the details and times of stalls and of guesses, which of the reasons that heal it was, how a channel came to be verified but for an operator's word with which the provider's record has not agreed, the log, the counters of the other channel. What is only read later is dropped where it is always written before. The first e-mail's setting matters until a code has been sent.

That this loses nothing is tested, not only argued: random journeys of all settings, with random durations, on a real clock, restarts among them, are looked up in the space step by step. Each state has to be in it, and each command and answer has to be one of its ways; of an alarm, which may be late and then several at once, and of the moment at which what a restart has carried for the phone comes into play, only the states are looked up. A cool-down of nothing is one that has ended before anything else happens.`;

const NOT_PROVEN = `## What is not proven

- Larger limits. That nothing new begins between the small ones and those of a real policy is likely, since the machine only compares, but is tested with random policies alone. So are cool-downs that grow from send to send.
- A cool-down of more than ten minutes.
- A restart carries what its channel has used, in every combination; what the other channel has used is left out until it is that one's turn, where it is carried in every combination as well.
- The workflow around the machine: that effects are performed once, that answers are told once, that an update is judged in its turn. Random journeys on a real Temporal server are compared with a reference model instead, each command once the one before has settled; commands that cross, and killed processes, have tests of their own.
- \`asOf\`, by which a bulk operation refuses what would be sent twice: it only ever refuses.
- What sFOX does. It may answer anything at any time here; that each reply is read as the answer that it is, the tests of \`activities/\` show.`;
