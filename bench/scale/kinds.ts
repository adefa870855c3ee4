import type { Goal, Section } from '../section.ts';
import { defineSection } from '../section.ts';
import type { Run } from '../harness/bench.ts';
import type { ScaleResult } from './index.ts';
import { startDevelopmentServer, startPostgresServer } from './servers.ts';
import type { StartScaledServer } from './servers.ts';

interface ServerKind {
  /** The suffix of the section's name. */
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly start: StartScaledServer;
}

/** The servers that the sections are measured on. */
export const serverKinds: readonly ServerKind[] = [
  {
    name: 'dev',
    label: 'development server',
    description: 'The server of `temporal-dev.yml` with a database file and one shard',
    start: startDevelopmentServer,
  },
  {
    name: 'postgres',
    label: 'PostgreSQL',
    description:
      'Temporal 1.32.1 with PostgreSQL in its default configuration and four shards, set up as `docs/operating.md` describes',
    start: startPostgresServer,
  },
];

interface ScaledSection<T> {
  readonly name: string;
  readonly title: string;
  readonly seconds: Section['seconds'];
  readonly measure: (start: StartScaledServer, run: Run) => Promise<ScaleResult<T>>;
  readonly page: (figures: T) => readonly string[];
  readonly goals: (figures: T, server: string) => readonly Goal[];
}

/** Defines the section for each of the servers. */
export function defineForEachServer<T>({
  name,
  title,
  seconds,
  measure,
  page,
  goals,
}: ScaledSection<T>): readonly Section[] {
  return serverKinds.map(({ name: kind, label, description, start }) =>
    defineSection<ScaleResult<T>>({
      name: `${name}-${kind}`,
      title: `${title}: ${label}`,
      seconds,
      isSlow: true,
      measure: (run) => measure(start, run),
      page: (scaled) =>
        isMissing(scaled)
          ? `Not measured: ${scaled.missing}.`
          : [
              `${description}. Worker, provider and server share one machine. Measured by \`npm run bench:scale\`.`,
              '',
              ...page(scaled),
            ].join('\n'),
      goals: (scaled) => (isMissing(scaled) ? [] : goals(scaled, label)),
    }),
  );
}

export const isMissing = <T>(scaled: ScaleResult<T>): scaled is { readonly missing: string } =>
  typeof scaled === 'object' && scaled !== null && 'missing' in scaled;
