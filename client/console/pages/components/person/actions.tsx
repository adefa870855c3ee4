import { useEffect, useState } from 'preact/hooks';
import type { Status } from 'onward/client';
import { actions, availability, channelSuffix, hasPreview, perform, requestOf } from '../../model/actions.js';
import type { Action, OperatorAction } from '../../model/actions.js';
import { consequenceOf, isWantedByProvider, refusalOf, resultOf } from '../../model/consequence.js';
import { curlOf } from '../../model/curl.js';
import { ActionDialog } from '../dialog.js';
import { client } from '../../api.js';
import { useClock, useLoaded, useIsOperator } from '../../hooks/live.js';
import { Badge, Time } from '../ui.js';
import { go, personAddress } from '../../router.js';
import { outcomeLabels } from '../../labels.js';

export interface ActionsProps {
  readonly status: Status;
  /** The name of the action to begin, from the address. */
  readonly begin: string | null;
  readonly erased: () => void;
}

/** The actions that are possible, as buttons, and why the others are not. Viewers see neither. */
export function Actions({ status, begin, erased }: ActionsProps) {
  useClock();
  // The status at that time is stored too, so that the dialog does not change while it is open.
  const [chosen, setChosen] = useState<{ readonly action: Action; readonly status: Status }>();
  const possible = actions.filter(({ name }) => availability(name, status).isAllowed);
  const others = actions.filter((one) => !possible.includes(one));
  useEffect(() => {
    const action = possible.find(({ name }) => name === begin);
    setChosen(action && { action, status });
  }, [begin]);
  if (!useIsOperator()) return null;
  const close = () => {
    setChosen(undefined);
    if (begin !== null) go(personAddress(status.userId), { replace: true });
  };
  return (
    <section class="acts" aria-label="Actions">
      <div class="buttons">
        {possible.map((one) => (
          <button
            key={one.name}
            class={one.isDangerous ? 'danger' : ''}
            data-act={one.name}
            onClick={() => setChosen({ action: one, status })}
          >
            {one.verb} …
          </button>
        ))}
      </div>
      <WhyNot others={others} status={status} isOpen={others.some(({ name }) => name === begin)} />
      {chosen !== undefined && <PersonDialog {...chosen} erased={erased} close={close} />}
    </section>
  );
}

interface PersonDialogProps {
  readonly action: Action;
  readonly status: Status;
  readonly erased: () => void;
  readonly close: () => void;
}

function PersonDialog({ action, status, erased, close }: PersonDialogProps) {
  const { userId } = status;
  const [newUserId, setNewUserId] = useState('');
  const isSupersede = action.name === 'supersede';
  return (
    <ActionDialog
      title={`${action.verb}${channelSuffix(action.name, status)}: ${userId}`}
      effect={<Effect action={action} status={status} />}
      verb={action.verb}
      dangerous={action.isDangerous}
      {...(action.isTyped && { typed: userId })}
      isComplete={!isSupersede || newUserId !== ''}
      curl={(reason, key) => curlOf(requestOf(action.name, status, { reason, newUserId }, key))}
      act={async (reason, idempotencyKey) => {
        await perform(action.name, status, { reason, newUserId, idempotencyKey });
        const text = resultOf(action.name, status);
        if (isSupersede) go(personAddress(newUserId));
        if (action.name !== 'erase') return { text, link: { href: personAddress(userId), label: 'Show' } };
        erased();
        return { text };
      }}
      close={close}
    >
      {isSupersede && <NewUserField value={newUserId} change={setNewUserId} />}
    </ActionDialog>
  );
}

function NewUserField({ value, change }: { value: string; change: (value: string) => void }) {
  return (
    <label>
      New user id
      <input
        name="newUserId"
        autocomplete="off"
        placeholder="The id of the person's new registration at sFOX"
        value={value}
        onInput={({ currentTarget }) => change(currentTarget.value.trim())}
      />
    </label>
  );
}

/** Says what the action does to this journey, by a preview. */
function Effect({ action: { name }, status }: { action: Action; status: Status }) {
  const { userId } = status;
  const clock = useClock();
  const { value, problem } = useLoaded(
    async () => (hasPreview(name) ? client.preview(userId, { command: name }) : undefined),
    [userId, name],
  );
  const until = value?.until ?? null;
  return (
    <>
      <p>
        <strong>{consequenceOf(name, status, value)}</strong>
      </p>
      {hasPreview(name) && (
        <p class="quiet">
          {problem ??
            (value === undefined ? 'loading the preview …' : <Outcome name={name} status={status} {...value} />)}{' '}
          {value?.why}
          {until !== null && (
            <>
              until <Time at={until} now={clock} />
            </>
          )}
        </p>
      )}
    </>
  );
}

interface OutcomeProps {
  readonly name: OperatorAction;
  readonly status: Status;
  readonly outcome: keyof typeof outcomeLabels;
}

function Outcome({ name, status, outcome }: OutcomeProps) {
  // The preview knows the journey only, and not the record that is read before the next code.
  if (name === 'override' && outcome === 'sends' && isWantedByProvider(status)) {
    return <Badge tone="held">No code yet</Badge>;
  }
  const isRefused = outcome === 'invalidState' || outcome === 'limited';
  return <Badge tone={isRefused ? 'held' : 'good'}>{outcomeLabels[outcome]}</Badge>;
}

interface WhyNotProps {
  readonly others: readonly Action[];
  readonly status: Status;
  readonly isOpen: boolean;
}

/** The actions that are not possible, with the reason. */
function WhyNot({ others, status, isOpen }: WhyNotProps) {
  const [shown, setShown] = useState(isOpen);
  useEffect(() => setShown(isOpen), [isOpen]);
  if (others.length === 0) return null;
  const names = others.map(({ verb }) => verb.toLowerCase());
  return (
    <details class="why-not" open={shown} onToggle={({ currentTarget }) => setShown(currentTarget.open)}>
      <summary>Why not {new Intl.ListFormat('en', { type: 'disjunction' }).format(names)}?</summary>
      {shown && (
        <ul>
          {others.map((one) => (
            <li key={one.name} data-act={one.name}>
              <strong>{one.verb}</strong> <Reason action={one} status={status} />
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

/** Why an action is not possible: previews it, once for each revision of the journey. */
function Reason({ action: { name }, status }: { action: Action; status: Status }) {
  const clock = useClock();
  const { at } = availability(name, status);
  const { value, problem } = useLoaded(async () => {
    const preview = hasPreview(name) ? await client.preview(status.userId, { command: name }) : undefined;
    return refusalOf(name, status, preview);
  }, [status.userId, name, status.revision]);
  if (at === undefined) return <span class="quiet">{value ?? problem ?? '…'}</span>;
  return (
    <span class="quiet">
      possible <Time at={at} now={clock} />
    </span>
  );
}
