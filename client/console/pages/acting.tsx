import { useState } from 'preact/hooks';
import type { Status } from 'onward/client';
import { aboutWords, acts, opening, requestOf } from './acts.js';
import type { Act } from './acts.js';
import { curlOf } from './curl.js';
import { ActDialog } from './dialog.js';
import { person, tell } from './doors.js';
import { useClock, useLoaded, useMayAct } from './live.js';
import { Badge } from './parts.js';
import { outcomeWords, spanWords, timeWords, untilWords } from './words.js';

export interface ActingProps {
  readonly id: string;
  readonly status: Status;
  readonly erased: () => void;
}

/** What can be done now and, where not, why and from when on. Who only looks is shown nothing of it. */
export function ActsCard({ id, status, erased }: ActingProps) {
  const [act, setAct] = useState<Act>();
  if (!useMayAct()) return null;
  return (
    <section class="card" aria-label="What can be done">
      <header>
        <h2>What can be done</h2>
      </header>
      <ul class="acts">
        {acts.map((one) => (
          <ActLine key={one.name} act={one} id={id} status={status} choose={() => setAct(one)} />
        ))}
      </ul>
      {act !== undefined && (
        <ActDialog
          title={`${act.verb}${aboutWords(act.name, status)}: ${id}`}
          effect={<Effect act={act} id={id} />}
          verb={act.verb}
          dangerous={act.dangerous === true}
          {...(act.typed && { typed: id })}
          curl={(reason) => curlOf(requestOf(act.name, id, status, reason))}
          act={async (reason, key) => {
            await tell(requestOf(act.name, id, status, reason), key);
            if (act.name === 'erase') erased();
          }}
          close={() => setAct(undefined)}
        />
      )}
    </section>
  );
}

interface LineProps {
  readonly act: Act;
  readonly id: string;
  readonly status: Status;
  readonly choose: () => void;
}

function ActLine({ act, id, status, choose }: LineProps) {
  const clock = useClock();
  const { isOpen, at } = opening(act.name, status);
  if (isOpen) {
    return (
      <li>
        <button class={act.dangerous ? 'danger' : ''} data-act={act.name} onClick={choose}>
          {act.verb} …
        </button>
        <span class="quiet">{act.effect}</span>
      </li>
    );
  }
  return (
    <li>
      <button disabled data-act={act.name}>
        {act.verb}
      </button>
      <span class="why">
        {at !== undefined ? (
          `opens in ${spanWords(Math.max(1_000, Date.parse(at) - clock))}, at ${timeWords(at)}`
        ) : (
          <WhyNot act={act} id={id} status={status} />
        )}
      </span>
    </li>
  );
}

/** Asked of the journey itself, once for each of its places. */
function WhyNot({ act: { name }, id, status }: Omit<LineProps, 'choose'>) {
  const why = useLoaded(async () => {
    if (name === 'restart') return 'only after it has expired or was cancelled';
    const forecast = await person.forecast(id, name);
    return forecast.why ?? outcomeWords[forecast.outcome].toLowerCase();
  }, [id, name, status.revision]);
  return <>{why.value ?? why.problem ?? '…'}</>;
}

/** What an act does, and what this journey's own machine says would come of it now. */
function Effect({ act, id }: { act: Act; id: string }) {
  const { name } = act;
  const asks = name !== 'restart' && name !== 'erase';
  const forecast = useLoaded(async () => (asks ? person.forecast(id, name) : undefined), [id, name]);
  const clock = useClock();
  const said = forecast.value;
  return (
    <>
      <p>{act.effect}</p>
      {asks && (
        <p>
          Now:{' '}
          {forecast.problem ?? (
            <>
              {said === undefined ? (
                'asking the journey …'
              ) : (
                <Badge tone={said.outcome === 'notNow' || said.outcome === 'overLimit' ? 'held' : 'good'}>
                  {outcomeWords[said.outcome]}
                </Badge>
              )}{' '}
              {said?.why}
              {said?.until == null ? '' : `until ${timeWords(said.until)}, in ${untilWords(said.until, clock)}`}
            </>
          )}
        </p>
      )}
    </>
  );
}
