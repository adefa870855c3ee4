import { table } from '../../client/docs/markdown.ts';
import { rounded, whole } from '../report/format.ts';
import { defineSection } from '../section.ts';
import { measureWhatIfs } from './measure.ts';
import type { Compared } from './measure.ts';

const MAX_SECONDS = 60;

const mebibytes = (bytes: number) => `${whole(bytes / 2 ** 20)} MiB`;
const seconds = (value: number) => `${rounded(value)} s`;

export const whatIfSection = defineSection<readonly Compared[]>({
  name: 'what-if',
  title: 'What-if',
  seconds: { full: 1_800, quick: 120 },
  isSlow: true,
  measure: measureWhatIfs,
  page: (sizes) =>
    [
      'A what-if over journeys of which a fifth has ended; the others wait for the first code. The Temporal server is in memory. One worker runs the journeys, another one, started for each row, compares them; server, workers and provider are separate processes.',
      '',
      table(
        ['policy', 'journeys', 'same', 'differ', 'undecided', 'unreadable', 'events', 'time'],
        sizes.map(({ policy, journeys, results, events, took }) => [
          policy,
          whole(journeys),
          ...[results.same, results.differs, results.undecided, results.unreadable, events].map(whole),
          seconds(took),
        ]),
      ),
      '',
      table(
        [
          'policy',
          'journeys',
          'CPU of the comparing worker',
          'of the other worker',
          'of the server',
          'peak memory of the comparing worker',
          'of the other worker',
        ],
        sizes.map(({ policy, journeys, cpu, memory }) => [
          policy,
          whole(journeys),
          ...[cpu.comparing, cpu.journeys, cpu.server].map((ms) => seconds(ms / 1_000)),
          ...[memory.comparing, memory.journeys].map(mebibytes),
        ]),
      ),
    ].join('\n'),
  goals: (sizes) =>
    sizes.slice(-2).map(({ policy, journeys, took }) => ({
      what: `time of a what-if over ${whole(journeys)} journeys: ${policy}`,
      wanted: `≤ ${MAX_SECONDS} s`,
      found: seconds(took),
      isMet: took <= MAX_SECONDS,
      why: 'each journey is read, decrypted and run through the machine twice; see the CPU times',
    })),
});
