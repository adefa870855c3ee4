import { useEffect, useState } from 'preact/hooks';
import type { OperationReport } from 'onward/client';
import { commandWords, Pace } from './bulk.js';
import { curlOf } from './curl.js';
import { ActDialog } from './dialog.js';
import { journeys, operations as doors } from './doors.js';
import { filterWords } from './filter.js';
import { useLoaded, useMayAct } from './live.js';
import { operationTones, Progress } from './operations.js';
import { Badge, Card, Columns, Problem, Scrolls } from './parts.js';
import { go, operationAddress, personAddress } from './route.js';
import { journeysWord, number, operationWords, outcomeWords, timeWords } from './words.js';

const OFTEN = 1_000;

/** One operation: how far it has come, what came of it by name, and how it is stopped; from a dry run, carried out. */
export function OperationScreen({ id }: { id: string }) {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const loaded = useLoaded(() => doors.report(id, cursors.at(-1)), [id, cursors]);
  const operation = loaded.value;
  const isOn = operation?.state === 'running' || operation?.state === 'stopping';
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(loaded.again, OFTEN);
    return () => clearInterval(timer);
  }, [isOn]);
  if (operation === undefined) {
    return loaded.problem === undefined ? <p class="waiting">Looking …</p> : <Problem>{loaded.problem}</Problem>;
  }
  const { next } = operation;
  return (
    <>
      <Head operation={operation} />
      <Acts operation={operation} again={loaded.again} />
      <Card title={operation.dryRun ? 'What would come of it' : 'What came of it'}>
        <Outcomes operation={operation} />
        {operation.items.length > 0 && <ByUser operation={operation} />}
        <div class="buttons">
          {cursors.length > 0 && <button onClick={() => setCursors(cursors.slice(0, -1))}>Page before</button>}
          {next !== null && <button onClick={() => setCursors([...cursors, next])}>Next page</button>}
        </div>
      </Card>
    </>
  );
}

function Head({ operation }: { operation: OperationReport }) {
  const { command, dryRun, filter, state, by, reason, at, note, stopped, perSecond } = operation;
  return (
    <div class="head">
      <h1>
        {commandWords[command]}
        {dryRun && ' (dry run)'}
      </h1>
      <Badge tone={operationTones[state]}>{operationWords[state]}</Badge>
      <p>
        {filterWords(filter)} · <Progress operation={operation} /> · {number(perSecond)} a second
      </p>
      <p class="quiet">
        {by.name}, {timeWords(at)}: <q>{reason}</q>
      </p>
      {stopped !== null && (
        <p>
          Stopped by {stopped.by.name}, {timeWords(stopped.at)}: <q>{stopped.reason}</q>
        </p>
      )}
      {note !== null && <Problem>{note}</Problem>}
    </div>
  );
}

function Outcomes({ operation: { outcomes } }: { operation: OperationReport }) {
  return (
    <ul class="outcomes">
      {Object.entries(outcomes).map(([outcome, count]) => (
        <li key={outcome} class={count === 0 ? 'none' : ''}>
          <strong>{number(count)}</strong> {outcomeWords[outcome as keyof typeof outcomeWords]}
        </li>
      ))}
    </ul>
  );
}

function ByUser({ operation: { items } }: { operation: OperationReport }) {
  return (
    <Scrolls label="By user">
      <table class="people">
        <Columns words={['User', 'Outcome', 'Why']} />
        <tbody>
          {items.map(({ userId, outcome, until, why }) => (
            <tr key={userId}>
              <th scope="row">
                <a href={personAddress(userId)}>{userId}</a>
              </th>
              <td>
                <Badge tone={['sends', 'taken', 'verified'].includes(outcome) ? 'good' : 'held'}>
                  {outcomeWords[outcome]}
                </Badge>
              </td>
              <td>{until === null ? why : `from ${timeWords(until)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}

function Acts({ operation, again }: { operation: OperationReport; again: () => void }) {
  const [act, setAct] = useState<'stop' | 'carryOut'>();
  const mayAct = useMayAct();
  const { id, state, dryRun } = operation;
  if (!mayAct) return null;
  return (
    <div class="buttons">
      {state === 'running' && <button onClick={() => setAct('stop')}>Stop …</button>}
      {dryRun && state === 'done' && (
        <button class="primary" onClick={() => setAct('carryOut')}>
          Carry it out …
        </button>
      )}
      {act === 'stop' && (
        <ActDialog
          title="Stop the operation"
          effect="What is in flight ends first, within seconds; whoever was told stays told, and nobody else is."
          verb="Stop"
          curl={(reason) => curlOf({ method: 'POST', path: `/v1/operations/${id}/stop`, body: { reason } })}
          act={(reason) => doors.stop(id, reason).then(again)}
          close={() => setAct(undefined)}
        />
      )}
      {act === 'carryOut' && <CarryOut operation={operation} close={() => setAct(undefined)} />}
    </div>
  );
}

/** From a dry run: the same filter, counted once more, since people move on. */
function CarryOut({ operation, close }: { operation: OperationReport; close: () => void }) {
  const { command, filter, outcomes } = operation;
  const wanted = Number(new URLSearchParams(location.search).get('perSecond'));
  const [perSecond, setPace] = useState(wanted > 0 && wanted <= 100 ? wanted : 5);
  const counted = useLoaded(() => journeys.count(filter), []);
  const expected = counted.value?.count;
  const request = (reason: string) => ({ command, filter, expected: expected ?? 0, perSecond, dryRun: false, reason });
  return (
    <ActDialog
      title={`${commandWords[command]}: ${filterWords(filter)}`}
      effect={
        <p>
          {expected === undefined
            ? (counted.problem ?? 'Counting once more …')
            : `${journeysWord(expected)} match now.`}{' '}
          By the dry run {number(outcomes.sends)} are sent a code, {number(outcomes.taken)} take it without one, and{' '}
          {number(outcomes.overLimit + outcomes.notNow)} do not take it. At this pace it lasts about{' '}
          {number(Math.ceil((expected ?? 0) / perSecond))} s.
        </p>
      }
      verb={`${commandWords[command]} ${expected === undefined ? '' : number(expected)}`}
      dangerous={command === 'cancel'}
      curl={(reason) => curlOf({ method: 'POST', path: '/v1/operations', body: request(reason) })}
      act={async (reason, key) => {
        const { id } = await doors.order(request(reason), key);
        go(operationAddress(id));
      }}
      close={close}
    >
      <Pace perSecond={perSecond} setPace={setPace} />
    </ActDialog>
  );
}
