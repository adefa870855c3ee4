import { useState } from 'preact/hooks';
import type { OperationRequest } from 'onward/client';
import { operations, person, tell, userPath } from './doors.js';
import type { Filter } from './doors.js';
import { ActDialog } from './dialog.js';
import { curlOf } from './curl.js';
import { filterWords } from './filter.js';
import { useLoaded } from './live.js';
import { Badge, Problem } from './parts.js';
import { go, operationAddress } from './route.js';
import { journeysWord, number, outcomeWords } from './words.js';

type Command = OperationRequest['command'];

export const commandWords: { readonly [C in Command]: string } = {
  retry: 'Retry',
  recheck: 'Recheck',
  resend: 'Resend',
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
};
const commands = Object.keys(commandWords) as Command[];

export interface BulkProps {
  readonly filter: Filter;
  /** How many the filter means. */
  readonly count: number;
  /** Those that were selected one by one; without it, all that the filter means. */
  readonly users?: readonly string[];
  readonly close: () => void;
}

/** One command for many: what it is to be, at which pace, and first what would come of it. */
export function BulkDialog({ filter, count, users, close }: BulkProps) {
  const [command, setCommand] = useState<Command>('retry');
  const [perSecond, setPerSecond] = useState(5);
  const choose = (
    <fieldset class="chips">
      <legend>Command</legend>
      {commands.map((one) => (
        <button key={one} type="button" class="chip" aria-pressed={one === command} onClick={() => setCommand(one)}>
          {commandWords[one]}
        </button>
      ))}
    </fieldset>
  );
  if (users !== undefined) {
    return (
      <ActDialog
        title={`${commandWords[command]} ${journeysWord(users.length)}`}
        effect={<Forecasts users={users} command={command} />}
        verb={`${commandWords[command]} ${number(users.length)}`}
        dangerous={command === 'cancel'}
        act={(reason, key) => tellEach(users, command, reason, key)}
        close={close}
      >
        {choose}
      </ActDialog>
    );
  }
  const request = (reason: string, dryRun: boolean): OperationRequest => ({
    command,
    filter,
    expected: count,
    perSecond: dryRun ? 50 : perSecond,
    dryRun,
    reason,
  });
  return (
    <ActDialog
      title={`${commandWords[command]} all ${number(count)} that match`}
      effect={
        <p>
          <strong>{filterWords(filter)}</strong>: first a dry run, which tells nobody anything and says what would come
          of it, by name. From there it is carried out.
        </p>
      }
      verb="Dry run first"
      curl={(reason) =>
        curlOf({
          method: 'POST',
          path: '/v1/operations',
          body: request(reason, true),
        })
      }
      act={async (reason, key) => {
        const { id } = await operations.order(request(reason, true), key);
        go(`${operationAddress(id)}?perSecond=${perSecond}`);
      }}
      close={close}
    >
      {choose}
      <Pace perSecond={perSecond} setPace={setPerSecond} />
    </ActDialog>
  );
}

export function Pace({ perSecond, setPace }: { perSecond: number; setPace: (pace: number) => void }) {
  return (
    <label>
      Journeys a second, when it is carried out
      <input
        name="perSecond"
        type="number"
        min="0.5"
        max="100"
        step="0.5"
        value={perSecond}
        onInput={({ currentTarget }) => currentTarget.validity.valid && setPace(currentTarget.valueAsNumber)}
      />
    </label>
  );
}

const FORECASTS_SHOWN = 20;

/** What would come of a command for each of those who were selected. */
function Forecasts({ users, command }: { users: readonly string[]; command: Command }) {
  const asked = users.slice(0, FORECASTS_SHOWN);
  const { value, problem } = useLoaded(
    () => Promise.all(asked.map(async (id) => ({ id, ...(await person.forecast(id, command)) }))),
    [command],
  );
  if (problem !== undefined) return <Problem>{problem}</Problem>;
  if (value === undefined) return <p>Asking what would come of it …</p>;
  return (
    <ul class="forecasts">
      {value.map(({ id, outcome, why }) => (
        <li key={id}>
          {id}{' '}
          <Badge tone={outcome === 'notNow' || outcome === 'overLimit' ? 'held' : 'good'}>
            {outcomeWords[outcome]}
          </Badge>{' '}
          {why}
        </li>
      ))}
      {users.length > asked.length && <li>and {number(users.length - asked.length)} more</li>}
    </ul>
  );
}

/** Tells one after the other; what was refused is said by name at the end, and the others stand. */
async function tellEach(users: readonly string[], command: Command, reason: string, key: string): Promise<void> {
  const refused: string[] = [];
  for (const id of users) {
    await tell({ method: 'POST', path: userPath(id, `/${command}`), body: { reason } }, key).catch((error: unknown) => {
      refused.push(`${id}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  if (refused.length > 0) {
    throw new Error(`${users.length - refused.length} of ${users.length} have taken it; not ${refused.join('; ')}`);
  }
}
