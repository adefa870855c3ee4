import { formatDuration } from '#format-time';
import type { Dashboard } from 'onward/client';
import { queryOf } from '#http-request';
import type { Mark } from './state-diagram.js';
import { Columns, ScrollRegion, Time } from './ui.js';
import { number, stateLabels, stepLabels } from '../labels.js';

/** Returns the link of a box: the People screen, filtered to that position. Steps that are not searchable have none. */
export function addressOf(box: string): string | undefined {
  const [state, step] = box.split('.');
  const listed = step === undefined || ['locked', 'stalled', 'paused'].includes(step);
  return listed ? `/console/people${queryOf({ state, step })}` : undefined;
}

/** Returns the content of each box of the diagram: counts, ages and shares. */
export function marksOf({ summary, byState }: Dashboard, clock: number): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const [state, count] of Object.entries(summary.states)) marks.set(state, { figure: number(count) });
  for (const { state, oldest, steps } of byState) {
    const count = summary.states[state];
    const parts = [
      oldest === null ? undefined : `oldest ${formatDuration(clock - Date.parse(oldest))}`,
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

/** The content of the diagram as a table. */
export function StateTable({ now: { summary, byState }, clock }: { now: Dashboard; clock: number }) {
  return (
    <details class="card wide">
      <summary>Show as a table</summary>
      <ScrollRegion label="Journeys by state, as a table">
        <table class="figures">
          <Columns words={['State', 'People', 'Oldest', stepLabels.stalled, stepLabels.locked, stepLabels.paused]} />
          <tbody>
            {Object.entries(summary.states).map(([state, count]) => {
              const here = byState.find((one) => one.state === state);
              return (
                <tr key={state}>
                  <th scope="row">{stateLabels[state as keyof typeof stateLabels]}</th>
                  <td class="number">{number(count)}</td>
                  <td>{here?.oldest == null ? '–' : <Time at={here.oldest} now={clock} />}</td>
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
      </ScrollRegion>
    </details>
  );
}
