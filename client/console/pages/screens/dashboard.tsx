import { useState } from 'preact/hooks';
import type { Dashboard } from 'onward/client';
import { useClock, useLive } from '../hooks/live.js';
import { useStatistics } from '../hooks/statistics.js';
import type { Resolution } from '../hooks/statistics.js';
import { FunnelCard, periodNames } from '../components/overview/funnel-card.js';
import { MachinePath } from '../components/overview/machine-path.js';
import { ProviderHistory } from '../components/overview/provider-history.js';
import { NotesCard } from '../components/notes/notes-card.js';
import { Badge, Empty, Problem, Time } from '../components/ui.js';
import { ProviderCard } from '../components/provider-card.js';
import { RecoveryCard } from '../components/recovery-card.js';
import { RunningOperations } from '../components/overview/running-operations.js';
import { Attention } from '../components/blockers.js';
import { queueLabels } from '../labels.js';

/** The overview answers, from top to bottom: is anything wrong, how many users complete onboarding, how is the provider, what is the system doing. */
export function OverviewScreen() {
  const { now } = useLive();
  const clock = useClock();
  const [resolution, setResolution] = useState<Resolution>('hour');
  const { value: statistics, problem } = useStatistics(resolution);
  if (now === null) return <p class="waiting">Counting …</p>;
  return (
    <>
      <div class="title">
        <h1>Overview</h1>
        <PeriodSwitch resolution={resolution} choose={setResolution} />
      </div>
      <Attention now={now} />
      <MachinePath now={now} clock={clock} />
      {now.summary.total === 0 && (
        <Empty title="No user has signed up yet.">
          A sign-up event at <code>POST /v1/events</code>, or <code>onward start &lt;user&gt;</code>, starts a journey;
          it appears here within seconds.
        </Empty>
      )}
      {problem !== undefined && <Problem>{problem}</Problem>}
      <div class="cards beside-provider">
        {statistics === undefined ? <p class="waiting">Counting …</p> : <FunnelCard statistics={statistics} />}
        <ProviderCard now={now}>{statistics !== undefined && <ProviderHistory statistics={statistics} />}</ProviderCard>
        <RecoveryCard recovery={now.recovery} />
        <Workers now={now} />
        <RunningOperations operations={now.operations} />
        <LastReconciliation now={now} clock={clock} />
        <NotesCard userId={null} />
      </div>
      {statistics !== undefined && <Notes notes={statistics.notes} />}
    </>
  );
}

function LastReconciliation({ now: { reconciliation }, clock }: { now: Dashboard; clock: number }) {
  if (reconciliation === null) return null;
  const { state, at, total, done, note } = reconciliation;
  return (
    <section class="card" aria-label="Last reconciliation">
      <header>
        <h2>Last reconciliation</h2>
        <Badge tone={state === 'failed' ? 'bad' : state === 'stopped' ? 'held' : 'good'}>{state}</Badge>
      </header>
      <p>
        <Time at={at} now={clock} />: {total === null ? 'not compared yet' : `${done} of ${total} differences handled`}
        {note === null ? '' : `; ${note}`}
      </p>
      <a href="/console/operations">All reconciliations</a>
    </section>
  );
}

function PeriodSwitch({ resolution, choose }: { resolution: Resolution; choose: (resolution: Resolution) => void }) {
  return (
    <div class="chips" role="group" aria-label="Period">
      {(['hour', 'day'] as const).map((each) => (
        <button key={each} class="chip" aria-pressed={each === resolution} onClick={() => choose(each)}>
          {periodNames[each].last.replace('last', 'Last')}
        </button>
      ))}
    </div>
  );
}

/** The limits of the figures. */
function Notes({ notes }: { notes: readonly string[] }) {
  return (
    <details class="card">
      <summary>Limits of these figures</summary>
      <ul class="notes">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </details>
  );
}

function Workers({ now: { workers } }: { now: Dashboard }) {
  return (
    <section class="card" id="workers" aria-label="Workers polling">
      <header>
        <h2>Workers</h2>
      </header>
      <table class="figures">
        <tbody>
          {workers.map(({ use, workers, queue, silence }) => (
            <tr key={use}>
              <th scope="row" title={queue}>
                {queueLabels[use]}
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
