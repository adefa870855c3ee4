import type { Now } from 'onward/client';
import { useClock } from './live.js';
import { Badge, Bar, Empty } from './parts.js';
import type { Tone } from './words.js';
import { ageWords, number } from './words.js';

type Health = NonNullable<Now['provider']>;
type Kind = keyof Health['replies'];

/** A kind such as `429` is a number to the compiler. */
const kinds: readonly (readonly [Kind, string, Tone])[] = [
  ['2xx', 'Accepted', 'good'],
  ['already_verified', 'Verified already (422)', 'good'],
  ['4xx', 'Refused (4xx)', 'held'],
  [401, 'Key refused (401, 403)', 'bad'],
  [429, 'Rate limited (429)', 'warn'],
  ['5xx', 'Fault (5xx)', 'warn'],
  ['unreached', 'Not reached', 'warn'],
  ['unknown', 'Outcome unknown', 'warn'],
  ['3xx', 'Redirected (3xx)', 'bad'],
  ['unreadable', 'Unreadable', 'bad'],
];

/** The provider's health by class of reply, and how much is sent against the limit. */
export function ProviderCard({ now: { provider, limits } }: { now: Now }) {
  const clock = useClock();
  return (
    <section class="card" aria-label="Provider">
      <header>
        <h2>Provider</h2>
        <span class="quiet">last 15 minutes</span>
      </header>
      {provider === null ? (
        <Empty title="No replies to show.">
          Workers tell what the provider answers within seconds of asking; none has told lately.
        </Empty>
      ) : (
        <>
          <Replies provider={provider} />
          <Sends provider={provider} limit={limits.sendsPerMinute} />
          <p class="quiet">
            {provider.lastGoodAt === null
              ? 'No judgement heard yet'
              : `Last judged a request ${ageWords(provider.lastGoodAt, clock)} ago`}
          </p>
        </>
      )}
    </section>
  );
}

function Replies({ provider: { replies } }: { provider: Health }) {
  const total = Object.values(replies).reduce((sum, count) => sum + count, 0);
  const seen = kinds.filter(([kind]) => replies[kind] > 0);
  if (seen.length === 0) return <p class="quiet">Nothing was asked of it.</p>;
  return (
    <table class="figures">
      <tbody>
        {seen.map(([kind, words, tone]) => (
          <tr key={kind}>
            <th scope="row">
              <Badge tone={tone}>{words}</Badge>
            </th>
            <td class="number">{number(replies[kind])}</td>
            <td class="grows">
              <Bar share={replies[kind] / total} tone={tone} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const HEIGHT = 34;
const STEP = 12;

/** Sends in each of the last minutes, the limit as a line above them. */
function Sends({ provider: { minutes }, limit }: { provider: Health; limit: number }) {
  const most = Math.max(...minutes.map(({ sends }) => sends));
  // The last minute is still running.
  const last = minutes.at(-2)?.sends ?? 0;
  const top = Math.max(most, 1);
  return (
    <figure class="sends">
      <svg viewBox={`0 0 ${minutes.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {minutes.map(({ at, sends }, index) => {
          const height = sends === 0 ? 1 : Math.max(2, (sends / top) * HEIGHT);
          return <rect key={at} x={index * STEP + 1} y={HEIGHT - height} width={STEP - 2} height={height} />;
        })}
      </svg>
      <figcaption>
        <strong>{number(last)}</strong> sends in the last full minute, of {number(limit)} that the limit allows; at most{' '}
        {number(most)} in one of the last fifteen
      </figcaption>
    </figure>
  );
}
