import { stateFacts, states } from '#states';
import type { Dashboard, State } from 'onward/client';
import { number, stateLabels, stepLabels, toneOf } from '../../labels.js';
import { addressOf, marksOf } from '../state-table.js';
import { Badge } from '../ui.js';

const listOf = (box: string) => addressOf(box) ?? '/console/people';
const steps = ['stalled', 'locked', 'paused'] as const;
const isOnPath = (state: State) => stateFacts[state].kind === 'open' || state === 'done';

/** The path of a journey as one line, with the number of journeys in each state, and of those that do not proceed. */
export function MachinePath({ now, clock }: { now: Dashboard; clock: number }) {
  const { summary, byState } = now;
  const marks = marksOf(now, clock);
  const ended = states.filter((state) => !isOnPath(state));
  return (
    <section class="card" aria-label="Journeys by state">
      <header>
        <h2>People by state</h2>
        <a href="/console/machine">Full chart</a>
      </header>
      <ol class="path">
        {states.filter(isOnPath).map((state) => (
          <li key={state}>
            <a class={`stop ${toneOf(state, null)}`} data-box={state} href={listOf(state)}>
              <span class="name">{stateLabels[state]}</span> <strong>{number(summary.states[state])}</strong>{' '}
              <span class="quiet">{marks.get(state)?.note}</span>
            </a>
            <span class="held-up">
              {steps.map((step) => {
                const count = byState.find((one) => one.state === state)?.steps[step] ?? 0;
                const box = `${state}.${step}`;
                return (
                  count > 0 && (
                    <a key={step} class={marks.get(box)?.tone ?? ''} data-box={box} href={listOf(box)}>
                      <Badge tone={toneOf(state, step)}>
                        <span>{number(count)}</span> {stepLabels[step].toLowerCase()}
                      </Badge>
                    </a>
                  )
                );
              })}
            </span>
          </li>
        ))}
      </ol>
      <p class="quiet">
        Other endings:{' '}
        {ended.map((state, index) => (
          <span key={state}>
            {index > 0 && ' · '}
            <a href={listOf(state)}>
              {number(summary.states[state])} {stateLabels[state].toLowerCase()}
            </a>
          </span>
        ))}
      </p>
    </section>
  );
}
