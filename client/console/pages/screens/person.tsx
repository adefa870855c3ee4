import { useState } from 'preact/hooks';
import { client } from '../api.js';
import { NotesCard } from '../components/notes/notes-card.js';
import { Actions } from '../components/person/actions.js';
import { Facts, Head } from '../components/person/head.js';
import { Moment } from '../components/person/moment.js';
import { Timeline } from '../components/person/timeline.js';
import { Card, Empty, Problem } from '../components/ui.js';
import { useLoaded } from '../hooks/live.js';
import { useStatus } from '../hooks/use-status.js';

/** One user's journey: what it waits for, what can be done, its timeline, and the machine at any moment of it. */
export function PersonScreen({ id, begin }: { id: string; begin: string | null }) {
  const [erased, setErased] = useState(false);
  const { status, problem } = useStatus(id, erased);
  const timeline = useLoaded(() => client.timeline(id, { include: 'status' }), [id, status?.revision, status?.live]);
  const items = timeline.value?.items ?? [];
  const [chosen, setChosen] = useState<number>();
  if (erased) {
    return (
      <Empty title={`${id} is erased.`}>
        All data of the journey is deleted. The audit log shows who erased it, and why.
      </Empty>
    );
  }
  if (status === undefined)
    return problem === undefined ? <p class="waiting">Loading …</p> : <NotLoaded id={id} problem={problem} />;
  const at = chosen ?? items.length - 1;
  const moment = { items, at, choose: setChosen };
  return (
    <>
      <Head status={status} />
      {problem !== undefined && <Problem>{problem}</Problem>}
      {at >= items.length - 1 && <Actions status={status} begin={begin} erased={() => setErased(true)} />}
      <Facts status={status} />
      <div class="person">
        <div class="column">
          <Card title="Timeline">
            {timeline.problem !== undefined && <Problem>{timeline.problem}</Problem>}
            <Timeline {...moment} />
          </Card>
          <NotesCard userId={id} />
        </div>
        <Moment id={id} status={status} {...moment} />
      </div>
    </>
  );
}

function NotLoaded({ id, problem }: { id: string; problem: string }) {
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
