import type { Now } from 'onward/client';
import { Badge } from './parts.js';
import type { Tone } from './words.js';
import { number } from './words.js';

const tones: { readonly [kind: string]: Tone } = {
  noWorker: 'bad',
  codeError: 'bad',
  credentials: 'bad',
  providerAway: 'warn',
  providerRefuses: 'warn',
  operator: 'held',
  time: 'calm',
  user: 'calm',
};

const kindWords: { readonly [kind: string]: string } = {
  noWorker: 'No worker',
  codeError: 'Code error',
  credentials: 'Key refused',
  providerAway: 'Provider away',
  providerRefuses: 'Provider refuses',
  operator: 'Held',
  time: 'Limits',
  user: 'Users',
};

const LATELY = 2;

/** How many requests of the last minutes the provider has answered, where it has judged none of them: journeys stall only later. */
function unjudgedLately({ provider }: Now): number {
  const lately = (provider?.minutes ?? []).slice(-LATELY).flatMap(({ replies }) => Object.entries(replies));
  const judged = lately.filter(([kind]) => kind === '2xx' || kind === 'already_verified' || kind === '4xx');
  const count = (entries: readonly [string, number][]) => entries.reduce((sum, [, each]) => sum + each, 0);
  return count(judged) > 0 ? 0 : count(lately);
}

/** Why nothing happens where it does not, the gravest first. */
export function Stuck({ now }: { now: Now }) {
  const so = now.summary.stuck.filter(({ words }) => words !== null);
  const unjudged = unjudgedLately(now);
  return (
    <ul class="stuck" aria-label="What is stuck, and why">
      {unjudged > 0 && (
        <li>
          <Badge tone="warn">Provider silent</Badge> it has judged none of the last {number(unjudged)} requests: sends
          are tried again for a while, and then their journeys stall
        </li>
      )}
      {so.map(({ kind, words }) => (
        <li key={kind}>
          <Badge tone={tones[kind] ?? 'calm'}>{kindWords[kind] ?? kind}</Badge> {words}
        </li>
      ))}
      {so.length === 0 && (
        <li>
          <Badge tone="good">Quiet</Badge> nobody waits for anything
        </li>
      )}
    </ul>
  );
}
