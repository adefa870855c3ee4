import { table } from '../../client/docs/markdown.ts';
import { formatSpread, rounded } from '../report/format.ts';
import { defineSection } from '../section.ts';
import { measureRivals, JOURNEYS_PER_USER } from './index.ts';
import type { RivalFigures, RivalsFigures } from './index.ts';

export const rivalsSection = defineSection<RivalsFigures>({
  name: 'rivals',
  title: 'Compared with alternatives',
  seconds: { full: 400, quick: 36 },
  measure: measureRivals,
  page: ({ ceiling, listened, raced, skipped }) =>
    [
      `The same journey in each product, a page of code each (\`bench/rivals/pages\`) after its documentation, with the same provider, which takes 20 ms and replies 422 to`,
      `10 % of the sends. The number of concurrent users saturates the machine. Each user takes 0.3 s to type a code, and each run has ${JOURNEYS_PER_USER} times as many users.`,
      `Users who call the provider without an engine reach ${rounded(ceiling)} journeys a second: a figure near that is limited by the benchmark. CPU is in milliseconds a journey, for engine,`,
      'worker and client. The products run one after the other, not alternately, so a difference of 10 % is not significant.',
      ...skipped.map(({ name, why }) => `${name} was skipped: ${why}.`),
      '',
      table(
        [
          '',
          'users',
          'journeys a second',
          'Onward’s rate / its rate',
          'CPU',
          'Onward’s CPU / its CPU',
          'survives a power failure',
        ],
        raced.map((one) => [
          `${one.name} (${one.parts})`,
          String(one.size.parallel),
          formatSpread(one.rate, 1),
          ratioToOnward(raced, one, 'rate'),
          formatSpread(one.cpu, 1),
          ratioToOnward(raced, one, 'cpu'),
          one.keeps,
        ]),
      ),
      '',
      'Crash test: all users sign up at once, and the provider takes 200 to 600 ms. After it replied to five of them, engine and worker are killed (SIGKILL) and started',
      'again. Each user retries until a reply comes, and requests another code if none arrives and the product offers that. A journey is lost if it does not complete',
      `in time. Sends are counted for ${listened} s after the crash.`,
      '',
      table(
        ['', 'users', 'journeys lost', 'codes sent twice', 'codes requested again', 'all completed after'],
        raced.flatMap(({ name, killed }) =>
          killed === null
            ? []
            : [
                [
                  name,
                  String(killed.users),
                  String(killed.lost),
                  String(killed.sentTwice),
                  String(killed.askedAgain),
                  `${rounded(killed.took)} s`,
                ],
              ],
        ),
      ),
      '',
      'For this cost, Onward has what the pages for the other products lack: a send with an unknown outcome is reported as such and not repeated unless the user asks,',
      'a history of each journey, limits of sends and guesses, a rate-limited recovery, lists and bulk operations for operators, and encrypted payloads.',
    ].join('\n'),
  goals: ({ raced }) => {
    const [first, machine] = [of(raced, 'Onward'), of(raced, 'Restate and @restatedev/xstate')];
    if (first === undefined || machine === undefined) return [];
    const found = first.rate.median / machine.rate.median;
    return [
      {
        what: 'journeys a second, relative to Restate with @restatedev/xstate',
        wanted: '≥ 1.20',
        found: rounded(found, 2),
        isMet: found >= 1.2,
        why: 'Temporal’s development server takes most of the CPU, for a hand-written journey as well',
      },
    ];
  },
});

const of = (raced: readonly RivalFigures[], name: string) => raced.find((one) => one.name === name);

function ratioToOnward(raced: readonly RivalFigures[], one: RivalFigures, figure: 'rate' | 'cpu'): string {
  const first = of(raced, 'Onward');
  return first === undefined || first === one ? '' : rounded(first[figure].median / one[figure].median, 2);
}
