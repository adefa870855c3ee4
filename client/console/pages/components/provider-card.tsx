import type { ComponentChildren } from 'preact';
import { channelFacts, channels } from '#channels';
import type { Dashboard } from 'onward/client';
import { useClock } from '../hooks/live.js';
import { Badge, Bar, Empty, Time } from './ui.js';
import type { Tone } from '../labels.js';
import { number } from '../labels.js';

type Health = NonNullable<Dashboard['provider']>;
type Kind = keyof Health['replies'];

/** TypeScript types a key such as `429` as a number. */
const kinds: readonly (readonly [Kind, string, Tone])[] = [
  ['2xx', 'Accepted', 'good'],
  ['already_verified', 'Already verified (422)', 'good'],
  ['4xx', 'Refused (4xx)', 'held'],
  [401, 'Key refused (401, 403)', 'bad'],
  [429, 'Rate limited (429)', 'warn'],
  ['5xx', 'Server error (5xx)', 'warn'],
  ['unreached', 'Unreachable', 'warn'],
  ['unknown', 'Outcome unknown', 'warn'],
  ['3xx', 'Redirected (3xx)', 'bad'],
  ['unreadable', 'Unreadable', 'bad'],
  ['unknown_record', 'Unknown record', 'warn'],
  ['other_provider', 'Of another provider', 'bad'],
];

/** Shows the provider's replies by class, and the send rate against its limit. */
export function ProviderCard({
  now: { provider, limits, summary },
  children,
}: {
  now: Dashboard;
  /** The history. */
  children?: ComponentChildren;
}) {
  const clock = useClock();
  return (
    <section class="card" id="provider" aria-label="Provider">
      <header>
        <h2>Provider</h2>
      </header>
      {children}
      <h3>Last 15 minutes</h3>
      {provider === null ? (
        <Empty title="No replies to show.">
          Workers report the provider’s replies within seconds; there are no recent reports.
        </Empty>
      ) : (
        <>
          <Replies provider={provider} />
          <Sends provider={provider} limit={limits.sendsPerMinute} />
          {summary.sendBudget !== null && <SendBudget budget={summary.sendBudget} />}
          <p class="quiet">
            {provider.lastGoodAt === null ? (
              'No conclusive reply yet'
            ) : (
              <>
                Last conclusive reply <Time at={provider.lastGoodAt} now={clock} />
              </>
            )}
          </p>
        </>
      )}
    </section>
  );
}

function Replies({ provider: { replies } }: { provider: Health }) {
  const total = Object.values(replies).reduce((sum, count) => sum + count, 0);
  const seen = kinds.filter(([kind]) => replies[kind] > 0);
  if (seen.length === 0) return <p class="quiet">No requests were made.</p>;
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

type Budget = NonNullable<Dashboard['summary']['sendBudget']>;

const windowLabels = { hour: 'this hour', day: 'today (UTC)' } as const;
/** The share from which the alert fires. */
const ALERT_SHARE = 0.8;

/** Shows how much of the budget of all users is used. */
function SendBudget({ budget }: { budget: Budget }) {
  const rows = channels.flatMap((channel) =>
    (['hour', 'day'] as const).map((window) => ({ channel, window, ...budget[channel][window] })),
  );
  return (
    <table class="figures">
      <caption>Send budget of all users</caption>
      <tbody>
        {rows.map(({ channel, window, sent, limit }) => (
          <tr key={`${channel} ${window}`}>
            <th scope="row">
              {channelFacts[channel].label}, {windowLabels[window]}
            </th>
            <td class="number">
              {number(sent)} of {number(limit)}
            </td>
            <td class="grows">
              <Bar share={Math.min(1, sent / limit)} tone={sent >= ALERT_SHARE * limit ? 'bad' : 'good'} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const HEIGHT_PX = 34;
const STEP_PX = 12;

/** Charts the sends of each of the last minutes. */
function Sends({ provider: { minutes }, limit }: { provider: Health; limit: number }) {
  const most = Math.max(...minutes.map(({ sends }) => sends));
  // The last entry is the current minute, which is incomplete.
  const last = minutes.at(-2)?.sends ?? 0;
  const top = Math.max(most, 1);
  return (
    <figure class="sends">
      <svg viewBox={`0 0 ${minutes.length * STEP_PX} ${HEIGHT_PX}`} preserveAspectRatio="none" aria-hidden="true">
        {minutes.map(({ at, sends }, index) => {
          const height = sends === 0 ? 1 : Math.max(2, (sends / top) * HEIGHT_PX);
          return <rect key={at} x={index * STEP_PX + 1} y={HEIGHT_PX - height} width={STEP_PX - 2} height={height} />;
        })}
      </svg>
      <figcaption>
        <strong>{number(last)}</strong> sends in the last full minute, of {number(limit)} allowed; at most{' '}
        {number(most)} in one of the last fifteen
      </figcaption>
    </figure>
  );
}
