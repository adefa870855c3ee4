import type { Goal, Section } from '../section.ts';
import { section } from '../section.ts';
import type { Run } from '../stand/bench.ts';
import type { Scaled } from './index.ts';
import { startDevelopment, startOverPostgres } from './servers.ts';
import type { StartScaled } from './servers.ts';

interface Kind {
  /** Behind a section's own name. */
  readonly name: string;
  readonly on: string;
  readonly words: string;
  readonly start: StartScaled;
}

/** The servers that journeys are brought to. */
export const kinds: readonly Kind[] = [
  {
    name: 'dev',
    on: 'development server',
    words: 'The server of `temporal-dev.yml` on a database file, one shard',
    start: startDevelopment,
  },
  {
    name: 'postgres',
    on: 'PostgreSQL',
    words: 'Temporal 1.32.1 over PostgreSQL as it comes, four shards, set up as `docs/operating.md` has it',
    start: startOverPostgres,
  },
];

interface Measuring<T> {
  readonly name: string;
  readonly title: string;
  readonly seconds: Section['seconds'];
  readonly measure: (start: StartScaled, run: Run) => Promise<Scaled<T>>;
  readonly page: (figures: T) => readonly string[];
  readonly goals: (figures: T, on: string) => readonly Goal[];
}

/** The same, measured on each of the servers, in a run of its own. */
export function onEach<T>({ name, title, seconds, measure, page, goals }: Measuring<T>): readonly Section[] {
  return kinds.map(({ name: kind, on, words, start }) =>
    section<Scaled<T>>({
      name: `${name}-${kind}`,
      title: `${title}: ${on}`,
      seconds,
      apart: true,
      measure: (run) => measure(start, run),
      page: (scaled) =>
        isMissing(scaled)
          ? `Not measured here: ${scaled.missing}.`
          : [
              `${words}; worker, provider and server share this machine. By \`npm run bench:scale\`.`,
              '',
              ...page(scaled),
            ].join('\n'),
      goals: (scaled) => (isMissing(scaled) ? [] : goals(scaled, on)),
    }),
  );
}

export const isMissing = <T>(scaled: Scaled<T>): scaled is { readonly missing: string } =>
  typeof scaled === 'object' && scaled !== null && 'missing' in scaled;
