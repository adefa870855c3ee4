import { formatDuration } from '#format-time';
import { useEffect, useState } from 'preact/hooks';
import type { RecoveryStatus } from 'onward/client';
import { curlOf } from '../model/curl.js';
import { ActionDialog } from './dialog.js';
import { client } from '../api.js';
import { useClock, useIsOperator } from '../hooks/live.js';
import { Badge, Empty, Time } from './ui.js';
import { go } from '../router.js';
import type { Tone } from '../labels.js';
import { journeyCount, number, recoveryLabels } from '../labels.js';

const recoveryActions = ['trigger', 'pause', 'resume'] as const;
export type RecoveryAction = (typeof recoveryActions)[number];

interface RecoveryTexts {
  readonly verb: string;
  readonly effect: string;
  readonly done: string;
}

const actionTexts: { readonly [A in RecoveryAction]: RecoveryTexts } = {
  trigger: {
    verb: 'Check now',
    effect:
      'Retries up to three stalled journeys as canaries. If the provider accepts or rejects one, the others follow at a limited rate; if not, no other journey is retried. If a run is in progress, it continues and no second one starts.',
    done: 'Recovery checks whether the provider answers',
  },
  pause: {
    verb: 'Pause recovery',
    effect:
      'No more runs are started. The current run stops once the requests in flight are done. Stalled journeys remain stalled.',
    done: 'Recovery is paused',
  },
  resume: {
    verb: 'Resume recovery',
    effect: 'Runs start again on schedule.',
    done: 'Recovery runs again on schedule',
  },
};

const tones: { readonly [S in RecoveryStatus['state']]: Tone } = {
  probing: 'calm',
  draining: 'good',
  waiting: 'warn',
  idle: 'good',
  paused: 'held',
};

/** Shows automatic recovery: its state, its last run and its next one. */
export function RecoveryCard({
  recovery,
  begin = null,
}: {
  recovery: RecoveryStatus | null;
  /** The action to begin, from the address. */
  begin?: string | null;
}) {
  const isOperator = useIsOperator();
  const [act, setAct] = useState<RecoveryAction>();
  useEffect(() => {
    if (isOperator) setAct(recoveryActions.find((each) => each === begin));
  }, [begin]);
  const close = () => {
    setAct(undefined);
    if (begin !== null) go('/console/operations', { replace: true });
  };
  if (recovery === null) {
    return (
      <section class="card" aria-label="Recovery">
        <header>
          <h2>Recovery</h2>
        </header>
        <Empty title="Recovery is not set up.">
          <code>onward setup</code> creates its Schedule; until then, stalled journeys are not retried automatically.
        </Empty>
      </section>
    );
  }
  const [word = '', rest = ''] = recoveryLabels[recovery.state].split(': ');
  const { run, nextRunAt } = recovery;
  return (
    <section class="card" aria-label="Recovery">
      <header>
        <h2>Recovery</h2>
        <Badge tone={nextRunAt === null ? 'held' : tones[recovery.state]}>{nextRunAt === null ? 'Paused' : word}</Badge>
      </header>
      <p>{recovery.state === 'idle' ? idleText(run) : rest}.</p>
      {run !== null && <RunProgress run={run} />}
      <RunSchedule recovery={recovery} />
      <LatestAction recovery={recovery} />
      {isOperator && (
        <div class="buttons">
          <button onClick={() => setAct('trigger')}>Check now …</button>
          {nextRunAt === null ? (
            <button onClick={() => setAct('resume')}>Resume …</button>
          ) : (
            <button onClick={() => setAct('pause')}>Pause …</button>
          )}
        </div>
      )}
      {act !== undefined && <RecoveryDialog act={act} close={close} />}
    </section>
  );
}

function idleText(run: RecoveryStatus['run']): string {
  if (run === null) return 'No run has ended yet';
  if (run.remaining > 0) return `${journeyCount(run.remaining)} stalled; the next run tries again`;
  return 'No stalled journey is left to retry';
}

export function RecoveryDialog({ act, close }: { act: RecoveryAction; close: () => void }) {
  const { verb, effect, done } = actionTexts[act];
  return (
    <ActionDialog
      title={verb}
      effect={effect}
      verb={verb}
      curl={(reason, key) => curlOf({ method: 'POST', path: `/v1/recovery/${act}`, body: { reason }, key })}
      act={async (reason) => {
        await client[`${act}Recovery`]({ reason });
        return { text: done, link: { href: '/console/operations', label: 'Show' } };
      }}
      close={close}
    />
  );
}

/** Shows the counts of the current or the last run. */
function RunProgress({ run }: { run: NonNullable<RecoveryStatus['run']> }) {
  return (
    <p>
      {run.state === 'idle' ? 'The last run' : 'This run'}: {number(run.done)} done, {number(run.offered)} offered at
      their next visit, {number(run.notAnswered)} without a reply, {number(run.remaining)} left
      {run.pace === null ? '' : `, ${number(run.pace)} a second`}
      {run.outcome === null ? '' : `; ${run.outcome}`}
    </p>
  );
}

/** Shows when runs start, and their rates. */
function RunSchedule({ recovery: { nextRunAt, settings } }: { recovery: RecoveryStatus }) {
  const clock = useClock();
  return (
    <p class="quiet">
      {nextRunAt === null ? (
        'No run is scheduled'
      ) : (
        <>
          Next run <Time at={nextRunAt} now={clock} />
        </>
      )}
      , every {formatDuration(settings.every)}, {number(settings.perSecond)} to {number(settings.upToPerSecond)} a
      second
    </p>
  );
}

/** Shows the latest operator action. */
function LatestAction({ recovery: { acts } }: { recovery: RecoveryStatus }) {
  const clock = useClock();
  const done = Object.entries(acts).flatMap(([what, act]) => (act === null ? [] : [{ what, ...act }]));
  const [newest] = done.toSorted((a, b) => b.at.localeCompare(a.at));
  if (newest === undefined) return null;
  return (
    <p class="quiet">
      {newest.what} by {newest.by.name}, <Time at={newest.at} now={clock} />: {newest.reason}
    </p>
  );
}
