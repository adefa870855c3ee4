import { useEffect, useState } from 'preact/hooks';
import type { Status, Timeline } from 'onward/client';
import { ActsCard } from './acting.js';
import { follow, person, userPath } from './doors.js';
import { LimitsCard } from './limits.js';
import { useClock, useLive, useLoaded } from './live.js';
import { boxOf, Machine } from './machine.js';
import { Badge, Empty, PlaceBadge, Problem } from './parts.js';
import { accountWords, ageWords, reasonWords, timeWords, untilWords } from './words.js';
import { walkedIn } from './walk.js';

type Item = Timeline['items'][number];

/** One person: where the journey stands, how it came there, and what can be done. */
export function PersonScreen({ id }: { id: string }) {
  const [erased, setErased] = useState(false);
  const { status, problem } = useStatus(id, erased);
  const timeline = useLoaded(() => person.timeline(id), [id, status?.revision, status?.live]);
  const items = timeline.value?.items ?? [];
  const [chosen, setChosen] = useState<number>();
  if (erased) {
    return (
      <Empty title={`${id} is erased.`}>
        Nothing of the journey is kept any more; who erased it, and why, stands in the audit log.
      </Empty>
    );
  }
  if (status === undefined) {
    if (problem === undefined) return <p class="waiting">Asking the journey …</p>;
    return (
      <>
        <h1>{id}</h1>
        <Problem>{problem}</Problem>
        <p>
          <a href="/console/people">Back to people</a>
        </p>
      </>
    );
  }
  const upTo = chosen ?? items.length - 1;
  const isPast = chosen !== undefined && chosen < items.length - 1;
  const shown = isPast ? (items[chosen]?.stood ?? null) : status;
  return (
    <>
      <Head id={id} status={status} />
      {problem !== undefined && <Problem>{problem}</Problem>}
      <div class="person">
        <section class="card" aria-label="The way so far">
          <header>
            <h2>{isPast ? 'As it stood then' : 'The way so far'}</h2>
            {shown !== null && <PlaceBadge state={shown.state} step={shown.step} />}
          </header>
          <Machine
            label="The way so far"
            standing
            walked={walkedIn(items, upTo)}
            here={shown === null ? undefined : boxOf(shown.state, shown.step)}
          />
        </section>
        <div class="column">
          <section class="card" aria-label="Timeline">
            <header>
              <h2>Timeline</h2>
            </header>
            {timeline.problem !== undefined && <Problem>{timeline.problem}</Problem>}
            <Scrubber items={items} at={upTo} choose={setChosen} isPast={isPast} />
            <Lines items={items} at={upTo} choose={setChosen} />
          </section>
          {shown === null ? (
            <Empty title="How it stood then is not known.">
              The journey’s log tells of its newest start alone, and not behind a gap of a very long one.
            </Empty>
          ) : (
            <LimitsCard status={shown} then={isPast ? items[upTo]?.at : undefined} />
          )}
          {!isPast && <ActsCard id={id} status={status} erased={() => setErased(true)} />}
        </div>
      </div>
    </>
  );
}

/** The status, live: told by the gateway whenever it changes. */
function useStatus(id: string, isGone: boolean) {
  const [status, setStatus] = useState<Status>();
  const [problem, setProblem] = useState<string>();
  const [turn, setTurn] = useState(0);
  const isOver = status !== undefined && ['done', 'expired', 'cancelled'].includes(status.state);
  useEffect(() => {
    if (isGone) return;
    let current = true;
    let close = () => {};
    const hear = (next: unknown) => setStatus(next as Status);
    person.status(id).then(
      (first) => {
        if (!current) return;
        setStatus(first);
        setProblem(undefined);
        // An event stream ends with the journey; whether it was begun anew is looked at now and then.
        close = follow(userPath(id), { status: hear }, () => close());
      },
      (error: unknown) => current && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      current = false;
      close();
    };
  }, [id, turn, isGone]);
  useEffect(() => {
    const timer = setInterval(() => setTurn((before) => before + 1), isOver ? 5_000 : 20_000);
    return () => clearInterval(timer);
  }, [isOver]);
  return { status, problem };
}

function Head({ id, status }: { id: string; status: Status }) {
  const { state, step, accountType, startedAt, expiresAt, stalled, live } = status;
  const clock = useClock();
  const { holder } = useLive();
  return (
    <div class="head">
      <h1>{id}</h1>
      <PlaceBadge state={state} step={step} />
      {!live && <Badge tone="warn">No worker answers: what the server itself knows</Badge>}
      <p>
        {accountType === null ? '' : `${accountWords[accountType]}, started `}
        <span title={timeWords(startedAt)}>{ageWords(startedAt, clock)} ago</span>
        {expiresAt !== null && <span title={timeWords(expiresAt)}>, expires in {untilWords(expiresAt, clock)}</span>}
      </p>
      {stalled !== null && (
        <p>
          <strong>{reasonWords[stalled.reason]}</strong> for {ageWords(stalled.since, clock)}
          {stalled.detail === null ? '' : `: ${stalled.detail}`}
          {stalled.nextRetryAt === null ? '' : `; goes on by itself in ${untilWords(stalled.nextRetryAt, clock)}`}
        </p>
      )}
      {holder.temporalUi !== null && (
        <p>
          <a href={`${holder.temporalUi}/${encodeURIComponent(`onboarding:${id}`)}`} target="_blank" rel="noreferrer">
            In Temporal’s own pages
          </a>
        </p>
      )}
    </div>
  );
}

interface Scrubbing {
  readonly items: readonly Item[];
  readonly at: number;
  readonly choose: (at: number | undefined) => void;
}

/** Sets diagram, limits and what was allowed back to any moment. */
function Scrubber({ items, at, choose, isPast }: Scrubbing & { isPast: boolean }) {
  const item = items[at];
  if (items.length < 2 || item === undefined) return null;
  return (
    <div class="scrubber">
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={`${timeWords(item.at)}: ${item.what}`}
        min={0}
        max={items.length - 1}
        value={at}
        onInput={({ currentTarget }) => choose(currentTarget.valueAsNumber)}
      />
      <button onClick={() => choose(undefined)} disabled={!isPast}>
        Back to now
      </button>
    </div>
  );
}

function Lines({ items, at, choose }: Scrubbing) {
  return (
    <ol class="timeline">
      {items.map((item, index) => (
        <li key={`${index}`} class={index === at ? 'at' : index > at ? 'later' : ''}>
          <time dateTime={item.at}>{timeWords(item.at)}</time>
          <button class="plain" aria-current={index === at ? 'step' : undefined} onClick={() => choose(index)}>
            {item.what}
          </button>
          {item.by !== null && <span class="quiet">by {item.by}</span>}
          {item.reason !== null && <q>{item.reason}</q>}
        </li>
      ))}
    </ol>
  );
}
