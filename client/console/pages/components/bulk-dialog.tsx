import { bulkCommands, commandFacts } from '#commands';
import type { BulkCommand } from '#commands';
import { useState } from 'preact/hooks';
import type { OperationRequest } from 'onward/client';
import { client } from '../api.js';
import type { Filter } from '../api.js';
import { ActionDialog } from './dialog.js';
import { curlOf } from '../model/curl.js';
import { filterLabels } from '../model/filter.js';
import { go, operationAddress } from '../router.js';
import { journeyCount, number, userCount } from '../labels.js';

export interface BulkProps {
  readonly filter: Filter;
  /** The number of journeys that match the filter. */
  readonly count: number;
  /** The selected users; without it, every journey that matches the filter. */
  readonly users?: readonly string[];
  readonly close: () => void;
}

/** Applies one command to several journeys, the selected ones or all that match a filter: a bulk operation after a dry run. */
export function BulkDialog({ filter, count, users, close }: BulkProps) {
  const [command, setCommand] = useState<BulkCommand>('retry');
  const [perSecond, setPerSecond] = useState(5);
  const expected = users?.length ?? count;
  const request = (reason: string, dryRun: boolean): OperationRequest => ({
    command,
    filter: users === undefined ? filter : { userIds: [...users] },
    expected,
    perSecond: dryRun ? 50 : perSecond,
    dryRun,
    reason,
  });
  return (
    <ActionDialog
      title={`${commandFacts(command).label} ${users === undefined ? `all ${number(count)} that match` : userCount(expected)}`}
      effect={
        <p>
          <strong>{filterLabels(request('', true).filter)}</strong>: a dry run comes first. It changes nothing and shows
          the expected result for each user. Carry it out from there.
        </p>
      }
      verb="Dry run first"
      curl={(reason, key) => curlOf({ method: 'POST', path: '/v1/operations', body: request(reason, true), key })}
      act={async (reason, key) => {
        const { id } = await client.startOperation(request(reason, true), { idempotencyKey: key });
        go(`${operationAddress(id)}?perSecond=${perSecond}`);
        return {
          text: `Started a dry run: ${commandFacts(command).label} for ${journeyCount(expected)}`,
          link: { href: operationAddress(id), label: 'Show' },
        };
      }}
      close={close}
    >
      <CommandChips command={command} choose={setCommand} />
      <RateInput perSecond={perSecond} setRate={setPerSecond} />
    </ActionDialog>
  );
}

function CommandChips({ command, choose }: { command: BulkCommand; choose: (command: BulkCommand) => void }) {
  return (
    <fieldset class="chips">
      <legend>Command</legend>
      {bulkCommands.map((each) => (
        <button key={each} type="button" class="chip" aria-pressed={each === command} onClick={() => choose(each)}>
          {commandFacts(each).label}
        </button>
      ))}
    </fieldset>
  );
}

interface RateProps {
  readonly label?: string;
  readonly perSecond: number;
  readonly setRate: (pace: number) => void;
}

/** Keeps the typed text while it is not a valid rate yet: `setRate` receives only valid ones. */
export function RateInput({ label = 'Journeys per second', perSecond, setRate }: RateProps) {
  const [text, setText] = useState(String(perSecond));
  return (
    <label>
      {label}
      <input
        name="perSecond"
        type="number"
        min="0.5"
        max="100"
        step="0.5"
        required
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          if (currentTarget.validity.valid) setRate(currentTarget.valueAsNumber);
        }}
      />
    </label>
  );
}
