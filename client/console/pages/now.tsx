import type { Now } from 'onward/client';
import { queryOf } from './doors.js';
import { useClock, useLive } from './live.js';
import { Machine } from './machine.js';
import type { Mark } from './machine.js';
import { Badge, Empty, Scrolls } from './parts.js';
import { ProviderCard } from './provider.js';
import { RecoveryCard } from './recovery.js';
import type { Tone } from './words.js';
import { ageWords, number, people, queueWords, stateWords, stepWords } from './words.js';

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

const tones: { readonly [kind: string]: Tone } = {
  noWorker: 'bad',
  codeError: 'bad',
  credentials: 'bad',
  providerAway: 'warn',
  providerRefuses: 'warn',
  operator: 'held',
  time: 'calm',
  user: 'good',
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
function Stuck({ now }: { now: Now }) {
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

/** Where a click on a box leads: to those who stand there, where the lists know of it. */
function addressOf(box: string): string | undefined {
  const [state, step] = box.split('.');
  const listed = step === undefined || ['locked', 'stalled', 'paused'].includes(step);
  return listed ? `/console/people${queryOf({ state, step })}` : undefined;
}

function marksOf({ summary, standing }: Now, clock: number): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const [state, count] of Object.entries(summary.states)) marks.set(state, { figure: number(count) });
  for (const { state, oldest, steps } of standing) {
    const count = summary.states[state];
    const parts = [
      oldest === null ? undefined : `oldest ${ageWords(oldest, clock)}`,
      count > 0 && steps.stalled > 0 ? `${share(steps.stalled, count)} stalled` : undefined,
    ].filter((part) => part !== undefined);
    marks.set(state, {
      figure: number(count),
      ...(parts.length > 0 && { note: parts.join(' · ') }),
      ...(steps.stalled > 0 && { tone: 'warn' as const }),
    });
    for (const [step, tone] of [
      ['stalled', 'warn'],
      ['locked', 'bad'],
      ['paused', 'held'],
    ] as const) {
      if (steps[step] > 0) marks.set(`${state}.${step}`, { figure: number(steps[step]), tone });
    }
  }
  return marks;
}

function share(part: number, whole: number): string {
  const percent = Math.min(100, (100 * part) / whole);
  return percent > 0 && percent < 1 ? 'under 1 %' : `${Math.round(percent)} %`;
}

/** The same in figures, for who reads rather than looks. */
function Standing({ now: { summary, standing }, clock }: { now: Now; clock: number }) {
  return (
    <details class="card wide">
      <summary>The same as a table</summary>
      <Scrolls label="Where everybody stands, as a table">
        <table class="figures">
          <thead>
            <tr>
              {['State', 'People', 'Oldest', stepWords.stalled, stepWords.locked, stepWords.paused].map((word) => (
                <th key={word} scope="col">
                  {word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Object.entries(summary.states).map(([state, count]) => {
              const here = standing.find((one) => one.state === state);
              return (
                <tr key={state}>
                  <th scope="row">{stateWords[state as keyof typeof stateWords]}</th>
                  <td class="number">{number(count)}</td>
                  <td>{here?.oldest == null ? '–' : ageWords(here.oldest, clock)}</td>
                  {(['stalled', 'locked', 'paused'] as const).map((step) => (
                    <td key={step} class="number">
                      {here === undefined ? '–' : number(here.steps[step])}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scrolls>
    </details>
  );
}
