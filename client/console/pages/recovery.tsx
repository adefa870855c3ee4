import { useState } from 'preact/hooks';
import type { RecoveryStatus } from 'onward/client';
import { curlOf } from './curl.js';
import { ActDialog } from './dialog.js';
import { recovery as doors } from './doors.js';
import { useClock, useMayAct } from './live.js';
import { Badge, Empty } from './parts.js';
import type { Tone } from './words.js';
import { number, recoveryWords, spanWords, timeWords, untilWords } from './words.js';

type Act = 'pause' | 'resume' | 'trigger';

const acts: { readonly [A in Act]: { readonly verb: string; readonly effect: string } } = {
  trigger: {
    verb: 'Look now',
    effect:
      'One stalled journey is tried as a canary at once. If the provider takes it, the others follow at a pace; if not, nothing else is asked. A run that is on goes on, and no other is started beside it.',
  },
  pause: {
    verb: 'Pause recovery',
    effect:
      'No more runs are started, and the one that is on stops after what is in flight. Stalled journeys stay as they are.',
  },
  resume: {
    verb: 'Resume recovery',
    effect: 'Runs are started again when they are due. Nothing is asked before that.',
  },
};

const tones: { readonly [S in RecoveryStatus['state']]: Tone } = {
  probing: 'calm',
  draining: 'good',
  waiting: 'warn',
  idle: 'good',
  paused: 'held',
};

/** The automatic retry: what it does, has come to, and does next. */
export function RecoveryCard({ recovery }: { recovery: RecoveryStatus | null }) {
  const clock = useClock();
  const mayAct = useMayAct();
  const [act, setAct] = useState<Act>();
  if (recovery === null) {
    return (
      <section class="card" aria-label="Recovery">
        <header>
          <h2>Recovery</h2>
        </header>
        <Empty title="Recovery is not set up.">
          <code>onward setup</code> makes its Schedule; until then nobody retries what is stalled.
        </Empty>
      </section>
    );
  }
  const [word = '', rest = ''] = recoveryWords[recovery.state].split(': ');
  const { run, nextRunAt, settings } = recovery;
  return (
    <section class="card" aria-label="Recovery">
      <header>
        <h2>Recovery</h2>
        <Badge tone={tones[recovery.state]}>{word}</Badge>
      </header>
      <p>{run === null && recovery.state === 'idle' ? 'No run has ended yet' : rest}.</p>
      {run !== null && (
        <p>
          {run.state === 'idle' ? 'The last run' : 'This run'}: {number(run.done)} judged, {number(run.notJudged)} not
          judged, {number(run.left)} left{run.pace === null ? '' : `, ${number(run.pace)} a second`}
          {run.outcome === null ? '' : `; ${run.outcome}`}
        </p>
      )}
      <p class="quiet">
        {nextRunAt === null ? 'No run is planned' : `Next look in ${untilWords(nextRunAt, clock)}`}, every{' '}
        {spanWords(settings.every)}, {number(settings.perSecond)} to {number(settings.upToPerSecond)} a second
      </p>
      <Acts recovery={recovery} />
      {mayAct && (
        <div class="buttons">
          <button onClick={() => setAct('trigger')}>Look now …</button>
          {nextRunAt === null ? (
            <button onClick={() => setAct('resume')}>Resume …</button>
          ) : (
            <button onClick={() => setAct('pause')}>Pause …</button>
          )}
        </div>
      )}
      {act !== undefined && (
        <ActDialog
          title={acts[act].verb}
          effect={acts[act].effect}
          verb={acts[act].verb}
          curl={(reason) => curlOf({ method: 'POST', path: `/v1/recovery/${act}`, body: { reason } })}
          act={(reason) => doors.act(act, reason)}
          close={() => setAct(undefined)}
        />
      )}
    </section>
  );
}

/** The newest thing that an operator did about it. */
function Acts({ recovery: { acts } }: { recovery: RecoveryStatus }) {
  const done = Object.entries(acts).flatMap(([what, act]) => (act === null ? [] : [{ what, ...act }]));
  const [newest] = done.toSorted((a, b) => b.at.localeCompare(a.at));
  if (newest === undefined) return null;
  return (
    <p class="quiet">
      {newest.what} by {newest.by.name}, {timeWords(newest.at)}: {newest.reason}
    </p>
  );
}
