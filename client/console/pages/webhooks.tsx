import { useState } from 'preact/hooks';
import { webhooks } from './doors.js';
import { useClock, useLoaded, useMayAct } from './live.js';
import { Badge, Card, Columns, Empty, Problem, Scrolls } from './parts.js';
import { personAddress } from './route.js';
import { ageWords, untilWords } from './words.js';

/** The changes of status that the product's own receiver has not taken. */
export function WebhooksCard() {
  const clock = useClock();
  const mayAct = useMayAct();
  const { value, problem, again } = useLoaded(() => webhooks.list(), [Math.floor(clock / 5_000)]);
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<string>();
  const resend = async (id: string) => {
    try {
      await webhooks.resend(id);
      setSent(new Set([...sent, id]));
      setRefused(undefined);
      again();
    } catch (error) {
      setRefused(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Card title="Undelivered webhooks">
      {problem !== undefined && <Problem>{problem}</Problem>}
      {refused !== undefined && <Problem>{refused}</Problem>}
      {value?.items.length === 0 && (
        <Empty title="Every change of status was delivered.">
          With <code>ONWARD_STATUS_URL</code> each change is told to your product, again and again until it takes it;
          what it has not taken stands here.
        </Empty>
      )}
      {value !== undefined && value.items.length > 0 && (
        <Scrolls label="Changes">
          <table class="people">
            <Columns words={['User', 'Revision', 'State', 'Attempts', 'Problem', 'Next attempt', '']} />
            <tbody>
              {value.items.map((item) => (
                <tr key={item.id}>
                  <th scope="row">
                    <a href={personAddress(item.userId)}>{item.userId}</a>
                  </th>
                  <td class="number">{item.revision}</td>
                  <td>
                    <Badge tone={item.state === 'retrying' ? 'warn' : 'bad'}>
                      {item.state === 'retrying' ? 'Retrying' : 'Given up'}
                    </Badge>
                  </td>
                  <td class="number">{item.attempts}</td>
                  <td>
                    {item.problem}{' '}
                    {item.lastAttemptAt !== null && (
                      <span class="quiet">{ageWords(item.lastAttemptAt, clock)} ago</span>
                    )}
                  </td>
                  <td>{item.nextAttemptAt === null ? '–' : `in ${untilWords(item.nextAttemptAt, clock)}`}</td>
                  <td>
                    {mayAct && (
                      <button onClick={() => resend(item.id)}>{sent.has(item.id) ? 'Sent again' : 'Send again'}</button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
    </Card>
  );
}
