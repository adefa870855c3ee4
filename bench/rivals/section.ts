import { table } from '../../client/diagram/table.ts';
import { ranged, rounded } from '../report/words.ts';
import { section } from '../section.ts';
import { rivals, WAVES } from './index.ts';
import type { Raced, Rivals } from './index.ts';

export const rivalsSection = section<Rivals>({
  name: 'rivals',
  title: 'Against what one would take instead',
  seconds: { full: 400, quick: 36 },
  measure: rivals,
  page: ({ ceiling, listened, raced, skipped }) =>
    [
      `The same journey, a page of code each (\`bench/rivals/pages\`), as their own documentation teaches it, with the same provider, which takes 20 ms and`,
      `answers 10 % of sends with 422. As many users at a time as keep the machine busy, each of whom types for 0.3 s; ${WAVES} times as many in each run. With no engine at`,
      `all, where users ask the provider themselves, they come to ${rounded(ceiling)} a second: near that, it is the users who are measured. CPU in milliseconds a journey, of engine,`,
      'worker and client. The runs of each come one after the other, not in turn: a difference of a tenth says little.',
      ...skipped.map(({ name, why }) => `${name} was skipped: ${why}.`),
      '',
      table(
        [
          '',
          'users',
          'journeys a second',
          'Onward’s rate over it',
          'CPU',
          'Onward’s CPU over it',
          'kept when the power is cut',
        ],
        raced.map((one) => [
          `${one.name} (${one.parts})`,
          String(one.size.parallel),
          ranged(one.rate, 1),
          over(raced, one, 'rate'),
          ranged(one.cpu, 1),
          over(raced, one, 'cpu'),
          one.keeps,
        ]),
      ),
      '',
      'Killed in the middle: users come all at once, the provider takes 200 to 600 ms, and when it has answered five of them, engine and worker are killed',
      '(SIGKILL) and started again. Each user tries on until answered, and asks for the code anew where none has come and the product can be asked. Lost are',
      `journeys that have not ended in time. Sends are counted for ${listened} s from the kill on.`,
      '',
      table(
        ['', 'users', 'journeys lost', 'codes sent twice', 'asked for anew', 'all through after'],
        raced.flatMap(({ name, killed }) =>
          killed === null
            ? []
            : [
                [
                  name,
                  String(killed.users),
                  String(killed.lost),
                  String(killed.sentTwice),
                  String(killed.askedAnew),
                  `${rounded(killed.took)} s`,
                ],
              ],
        ),
      ),
      '',
      'What the price buys, that none of the others has: a send whose outcome is not known is told as such and not repeated behind the user’s back, a history of',
      'every step, limits of sends and guesses, a recovery that goes at a pace, lists and bulk commands for operators, payloads that are encrypted.',
    ].join('\n'),
  goals: ({ raced }) => {
    const [first, machine] = [of(raced, 'Onward'), of(raced, 'Restate and @restatedev/xstate')];
    if (first === undefined || machine === undefined) return [];
    const found = first.rate.median / machine.rate.median;
    return [
      {
        what: 'rate, over Restate and @restatedev/xstate',
        wanted: '≥ 1.20',
        found: rounded(found, 2),
        met: found >= 1.2,
        why: 'Temporal’s development server takes most of the CPU, whatever the workflow: a journey written by hand on it costs nearly as much',
      },
    ];
  },
});

const of = (raced: readonly Raced[], name: string) => raced.find((one) => one.name === name);

function over(raced: readonly Raced[], one: Raced, figure: 'rate' | 'cpu'): string {
  const first = of(raced, 'Onward');
  return first === undefined || first === one ? '' : rounded(first[figure].median / one[figure].median, 2);
}
