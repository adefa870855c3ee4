import { useState } from 'preact/hooks';
import type { WhatIf, WhatIfReport } from 'onward/client';
import { client, messageOf } from '../api.js';
import { Badge, Bar, Card, Columns, Empty, PageButtons, Problem, ScrollRegion, Time } from '../components/ui.js';
import { useClock } from '../hooks/live.js';
import { notify } from '../hooks/notices.js';
import { useReport } from '../hooks/use-report.js';
import { number } from '../labels.js';
import type { Tone } from '../labels.js';
import { filterLabels } from '../model/filter.js';
import { personAddress } from '../router.js';

const states: { readonly [S in WhatIf['state']]: { readonly label: string; readonly tone: Tone } } = {
  running: { label: 'Running', tone: 'calm' },
  stopped: { label: 'Stopped', tone: 'held' },
  done: { label: 'Done', tone: 'good' },
};

export function WhatIfBadge({ state }: Pick<WhatIf, 'state'>) {
  return <Badge tone={states[state].tone}>{states[state].label}</Badge>;
}

const differenceLabels: { readonly [D in keyof WhatIf['differences']]: string } = {
  moreSends: 'More codes',
  fewerSends: 'Fewer codes',
  lockedSooner: 'Locked sooner',
  lockedLater: 'Locked later, or never',
  stalledSooner: 'Stalled sooner',
  stalledLater: 'Stalled later, or never',
  expiredSooner: 'Expired sooner',
  expiredLater: 'Expired later, or never',
  commandRefused: 'A command refused',
};

const causeLabels: { readonly [C in keyof WhatIf['causes']]: string } = {
  commandRefused: 'A command that was accepted would have been refused',
  commandAllowed: 'A command that was refused would have been allowed',
  otherOutcome: 'The same event would have led elsewhere',
  otherTimer: 'Something else would have happened by itself',
  providerCall: 'A call to the provider might have timed out, or not',
};

/** One what-if: the two policies side by side, a bar for each difference, and the journeys that differ. */
export function WhatIfScreen({ id }: { id: string }) {
  const { report, problem, pages, again } = useReport(id, (cursor) => client.whatIf(id, { limit: 100, cursor }));
  if (report === undefined) {
    return problem === undefined ? <p class="waiting">Loading …</p> : <Problem>{problem}</Problem>;
  }
  return (
    <>
      <Head report={report} />
      {report.state === 'running' && <StopButton id={id} again={again} />}
      <div class="cards">
        <Policies report={report} />
        <Differences report={report} />
      </div>
      <Card title="Journeys that differ">
        <Journeys report={report} />
        <PageButtons {...pages} />
      </Card>
    </>
  );
}

function Head({ report: { state, done, total, results, filter, since, by, at, sends } }: { report: WhatIfReport }) {
  const clock = useClock();
  const share = done === 0 ? 0 : (100 * results.undecided) / done;
  return (
    <div class="head">
      <h1>What if?</h1>
      <WhatIfBadge state={state} />
      <p>
        {Object.keys(filter).length === 0 ? 'All journeys' : filterLabels(filter)}
        {since !== null && ` since ${since}`} · {number(done)} of {number(total)} compared
      </p>
      <Bar share={total === 0 ? 1 : done / total} />
      <p>
        {number(results.same)} the same, {number(results.differs)} different,{' '}
        <strong>{number(results.undecided)}</strong> undecided from some moment on ({share.toFixed(1)} %),{' '}
        {number(results.unreadable)} unreadable. {number(sends.actual)} codes requested, {number(sends.whatIf)} under
        the other policy.
      </p>
      <p class="quiet">
        {by}, <Time at={at} now={clock} />
      </p>
    </div>
  );
}

/** Stops a what-if at once: it changes nothing, so there is nothing to confirm. */
function StopButton({ id, again }: { id: string; again: () => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const stop = async () => {
    setBusy(true);
    try {
      await client.stopWhatIf(id);
      notify({ text: 'The what-if has stopped; what it compared so far remains' });
      again();
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(false);
  };
  return (
    <div class="buttons">
      <button onClick={stop} disabled={busy}>
        Stop
      </button>
      {problem !== undefined && <Problem>{problem}</Problem>}
    </div>
  );
}

function Policies({ report: { policies } }: { report: WhatIfReport }) {
  return (
    <Card title="The two policies">
      <table class="figures what-if-policies">
        <Columns words={['Key', 'New journeys', 'What if']} />
        <tbody>
          {policies.map(({ key, present, whatIf }) => (
            <tr key={key} class={whatIf === '' || present === whatIf ? '' : 'differs'}>
              <th scope="row">
                <Key name={key} />
              </th>
              <td>{present}</td>
              <td>{whatIf === '' ? 'as each journey' : whatIf}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

/** The name of a key, which may break after a dot. */
function Key({ name }: { name: string }) {
  const [first = '', ...rest] = name.split('.');
  return (
    <>
      {first}
      {rest.map((part) => (
        <>
          .<wbr />
          {part}
        </>
      ))}
    </>
  );
}

function Differences({ report: { done, differences, causes } }: { report: WhatIfReport }) {
  return (
    <Card title="Differences">
      <Bars counts={differences} labels={differenceLabels} of={done} />
      <h3>Undecided because</h3>
      <Bars counts={causes} labels={causeLabels} of={done} />
    </Card>
  );
}

function Bars<K extends string>({
  counts,
  labels,
  of,
}: {
  counts: { readonly [P in K]: number };
  labels: { readonly [P in K]: string };
  of: number;
}) {
  return (
    <ul class="what-if-bars">
      {(Object.keys(labels) as K[]).map((key) => (
        <li key={key} class={counts[key] === 0 ? 'none' : ''}>
          <span>{labels[key]}</span> <strong>{number(counts[key])}</strong>
          <Bar share={of === 0 ? 0 : counts[key] / of} tone="warn" />
        </li>
      ))}
    </ul>
  );
}

function Journeys({ report: { state, items } }: { report: WhatIfReport }) {
  const clock = useClock();
  if (items.length === 0) {
    return state === 'running' ? null : <Empty title="None.">No journey would have differed visibly.</Empty>;
  }
  return (
    <ScrollRegion label="By user">
      <table class="people">
        <Columns words={['User', 'Result', 'Differences', 'Codes', 'From', 'Why']} />
        <tbody>
          {items.map(({ userId, result, differences, undecidedFrom, cause, sends, why }) => (
            <tr key={userId}>
              <th scope="row">
                <a href={personAddress(userId)}>{userId}</a>
              </th>
              <td>
                <Badge tone={result === 'differs' ? 'calm' : 'held'}>{result}</Badge>
              </td>
              <td>{differences.map((each) => differenceLabels[each]).join(', ')}</td>
              <td>{sends.actual === sends.whatIf ? number(sends.actual) : `${sends.actual} → ${sends.whatIf}`}</td>
              <td>{undecidedFrom !== null && <Time at={undecidedFrom} now={clock} />}</td>
              <td>{why ?? (cause === null ? '' : causeLabels[cause])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
