import { useClock, useLive } from '../hooks/live.js';
import { StateDiagram } from '../components/state-diagram.js';
import { addressOf, marksOf, StateTable } from '../components/state-table.js';
import { userCount } from '../labels.js';

/** The full chart of the machine, with the number of journeys in each state. */
export function MachineScreen() {
  const { now } = useLive();
  const clock = useClock();
  if (now === null) return <p class="waiting">Counting …</p>;
  return (
    <>
      <h1>Journeys by state</h1>
      <section class="card wide" aria-label="Journeys by state">
        <header>
          <span class="quiet">
            {userCount(now.summary.total)}; select a state to list them;{' '}
            <a href="/console/journey.json" download>
              definition for XState and Stately
            </a>
          </span>
        </header>
        <StateDiagram label="Journeys by state" marks={marksOf(now, clock)} linkOf={addressOf} />
      </section>
      <StateTable now={now} clock={clock} />
    </>
  );
}
