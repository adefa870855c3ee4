import type { Now } from 'onward/client';
import { useClock, useLive } from './live.js';
import { Machine } from './machine.js';
import { Badge, Empty } from './parts.js';
import { ProviderCard } from './provider.js';
import { RecoveryCard } from './recovery.js';
import { addressOf, marksOf, Standing } from './standing.js';
import { Stuck } from './stuck.js';
import { people, queueWords } from './words.js';

/** Everything at one glance. */
export function NowScreen() {
  const { now } = useLive();
  const clock = useClock();
  if (now === null) return <p class="waiting">Counting …</p>;
  const { summary } = now;
  return (
    <>
      <h1 class="unseen">Now</h1>
      <Stuck now={now} />
      <div class="cards">
        <ProviderCard now={now} />
        <RecoveryCard recovery={now.recovery} />
        <Workers now={now} />
      </div>
      <section class="card wide" aria-label="Where everybody stands">
        <header>
          <h2>Where everybody stands</h2>
          <span class="quiet">{people(summary.total)}; a click shows who</span>
        </header>
        <Machine label="Where everybody stands" marks={marksOf(now, clock)} linkOf={addressOf} />
        {summary.total === 0 && (
          <Empty title="Nobody has signed up yet.">
            A sign-up event at <code>POST /v1/events</code>, or <code>onward start &lt;user&gt;</code>, begins a
            journey; it shows up here within seconds.
          </Empty>
        )}
      </section>
      <Standing now={now} clock={clock} />
    </>
  );
}

function Workers({ now: { workers } }: { now: Now }) {
  return (
    <section class="card" aria-label="Workers polling">
      <header>
        <h2>Workers polling</h2>
      </header>
      <table class="figures">
        <tbody>
          {workers.map(({ use, workers, queue, silence }) => (
            <tr key={use}>
              <th scope="row" title={queue}>
                {queueWords[use]}
              </th>
              <td class="number">{workers}</td>
              <td>
                {workers > 0 ? (
                  <Badge tone="good">polling</Badge>
                ) : (
                  <Badge tone="bad">
                    {silence === null ? 'never seen' : `silent for ${Math.round(silence / 1_000)} s`}
                  </Badge>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
