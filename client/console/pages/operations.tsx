import { useState } from 'preact/hooks';
import type { Operation } from 'onward/client';
import { commandWords } from './bulk.js';
import { operations as doors } from './doors.js';
import { filterWords } from './filter.js';
import { useClock, useLive, useLoaded } from './live.js';
import { Badge, Bar, Card, Columns, Empty, Problem, Scrolls } from './parts.js';
import { RecoveryCard } from './recovery.js';
import { operationAddress } from './route.js';
import { WebhooksCard } from './webhooks.js';
import type { Tone } from './words.js';
import { ageWords, number, operationWords, timeWords } from './words.js';

export const operationTones: { readonly [S in Operation['state']]: Tone } = {
  running: 'calm',
  stopping: 'held',
  stopped: 'held',
  done: 'good',
};

/** What is done to many at once: by operators, by recovery, and to the product's own receiver. */
export function OperationsScreen() {
  const { now } = useLive();
  return (
    <>
      <h1>Operations</h1>
      <div class="cards two">
        {now !== null && <RecoveryCard recovery={now.recovery} />}
        <Card title="Begin one">
          <p>
            Choose whom in <a href="/console/people?step=stalled">People</a>, then act on all that match: a dry run
            comes first, with figures and names.
          </p>
        </Card>
      </div>
      <List newest={now?.operations} />
      <WebhooksCard />
    </>
  );
}

/** The newest come live; older ones are asked for. */
function List({ newest }: { newest: readonly Operation[] | undefined }) {
  const first = useLoaded(() => doors.list(), []);
  const [older, setOlder] = useState<readonly Operation[]>([]);
  const [after, setAfter] = useState<string | null>();
  const [problem, setProblem] = useState<string>();
  const clock = useClock();
  const next = after === undefined ? first.value?.next : after;
  const known = new Set(newest?.map(({ id }) => id));
  const shown = [...(newest ?? []), ...older.filter(({ id }) => !known.has(id))];
  const more = async () => {
    try {
      const page = await doors.list(next ?? undefined);
      setOlder([...older, ...page.items]);
      setAfter(page.next);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Card title="Bulk operations">
      {newest !== undefined && shown.length === 0 && (
        <Empty title="None yet.">
          An operation has all journeys of a filter told one command, at a pace, and says by name what came of it. It is
          ordered from People, by <code>onward operations begin</code>, or at <code>POST /v1/operations</code>.
        </Empty>
      )}
      {shown.length > 0 && (
        <Scrolls label="Operations">
          <table class="people">
            <Columns words={['Operation', 'Whom', 'State', 'Progress', 'By', 'When']} />
            <tbody>
              {shown.map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    <a href={operationAddress(one.id)}>
                      {commandWords[one.command]}
                      {one.dryRun && ' (dry run)'}
                    </a>
                  </th>
                  <td>{filterWords(one.filter)}</td>
                  <td>
                    <Badge tone={operationTones[one.state]}>{operationWords[one.state]}</Badge>
                  </td>
                  <td>
                    <Progress operation={one} />
                  </td>
                  <td>
                    {one.by.name}: <q>{one.reason}</q>
                  </td>
                  <td title={timeWords(one.at)}>{ageWords(one.at, clock)} ago</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
      {problem !== undefined && <Problem>{problem}</Problem>}
      {next != null && (
        <button class="more" onClick={more}>
          Show older
        </button>
      )}
    </Card>
  );
}

export function Progress({ operation: { done, total, expected } }: { operation: Operation }) {
  const whole = total ?? expected;
  return (
    <>
      {number(done)} of {number(whole)} <Bar share={whole === 0 ? 1 : done / whole} />
    </>
  );
}
