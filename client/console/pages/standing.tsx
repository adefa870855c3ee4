import type { Now } from 'onward/client';
import { queryOf } from './doors.js';
import type { Mark } from './machine.js';
import { Columns, Scrolls } from './parts.js';
import { ageWords, number, stateWords, stepWords } from './words.js';

/** Where a click on a box leads: to those who stand there, where the lists know of it. */
export function addressOf(box: string): string | undefined {
  const [state, step] = box.split('.');
  const listed = step === undefined || ['locked', 'stalled', 'paused'].includes(step);
  return listed ? `/console/people${queryOf({ state, step })}` : undefined;
}

/** What is written into the machine's boxes. */
export function marksOf({ summary, standing }: Now, clock: number): Map<string, Mark> {
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
export function Standing({ now: { summary, standing }, clock }: { now: Now; clock: number }) {
  return (
    <details class="card wide">
      <summary>The same as a table</summary>
      <Scrolls label="Where everybody stands, as a table">
        <table class="figures">
          <Columns words={['State', 'People', 'Oldest', stepWords.stalled, stepWords.locked, stepWords.paused]} />
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
