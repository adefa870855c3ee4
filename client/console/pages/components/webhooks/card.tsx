import { useState } from 'preact/hooks';
import type { Webhooks } from 'onward/client';
import { client, messageOf } from '../../api.js';
import { useClock, useLoaded, useIsOperator } from '../../hooks/live.js';
import { notify } from '../../hooks/notices.js';
import { Badge, Card, Columns, Empty, Problem, ScrollRegion, Time } from '../ui.js';
import { ResendAll } from './resend-all.js';
import { personAddress } from '../../router.js';

const PAGE_SIZE = 50;
/** The largest page of the server. */
const MAX_PAGE_SIZE = 200;
const REFRESH_MS = 5_000;

/** Lists undelivered webhooks. */
export function WebhooksCard() {
  const clock = useClock();
  const [limit, setLimit] = useState(PAGE_SIZE);
  const { value, problem, again } = useLoaded(
    () => client.webhooks({ limit }),
    [limit, Math.floor(clock / REFRESH_MS)],
  );
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set());
  const [resendProblem, setResendProblem] = useState<string>();
  const resend = async (id: string) => {
    try {
      await client.resendWebhook(id);
      setSent(new Set([...sent, id]));
      notify({ text: 'The webhook is sent again' });
      setResendProblem(undefined);
      again();
    } catch (error) {
      setResendProblem(messageOf(error));
    }
  };
  return (
    <Card title="Undelivered webhooks" aside={<ResendAll />}>
      {problem !== undefined && <Problem>{problem}</Problem>}
      {resendProblem !== undefined && <Problem>{resendProblem}</Problem>}
      {value?.items.length === 0 && (
        <Empty title="All webhooks were delivered.">
          With <code>ONWARD_STATUS_URL</code> each status change is delivered to your product and retried until it is
          accepted. Undelivered webhooks are listed here.
        </Empty>
      )}
      {value !== undefined && value.items.length > 0 && (
        <ScrollRegion label="Webhooks">
          <table class="people">
            <Columns words={['User', 'Revision', 'State', 'Attempts', 'Problem', 'Next attempt', '']} />
            <tbody>
              {value.items.map((item) => (
                <WebhookRow key={item.id} item={item} isSent={sent.has(item.id)} resend={() => resend(item.id)} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
      {value !== undefined && value.next !== null && (
        <p>
          Only the newest {value.items.length} are listed.{' '}
          {limit < MAX_PAGE_SIZE ? (
            <button onClick={() => setLimit(MAX_PAGE_SIZE)}>Show more</button>
          ) : (
            <>
              <code>onward webhooks</code> lists all, page by page.
            </>
          )}
        </p>
      )}
    </Card>
  );
}

interface RowProps {
  readonly item: Webhooks['items'][number];
  readonly isSent: boolean;
  readonly resend: () => void;
}

function WebhookRow({ item, isSent, resend }: RowProps) {
  const clock = useClock();
  const isOperator = useIsOperator();
  return (
    <tr>
      <th scope="row">
        <a href={personAddress(item.userId)}>{item.userId}</a>
      </th>
      <td class="number" data-label="revision">
        {item.revision}
      </td>
      <td>
        <Badge tone={item.state === 'retrying' ? 'warn' : 'bad'}>
          {item.state === 'retrying' ? 'Retrying' : 'Given up'}
        </Badge>
      </td>
      <td class="number" data-label="attempts">
        {item.attempts}
      </td>
      <td class="prose">
        {item.problem}
        {item.lastAttemptAt !== null && (
          <>
            {' · '}
            <Time at={item.lastAttemptAt} now={clock} />
          </>
        )}
      </td>
      <td data-label="next attempt">
        {item.nextAttemptAt === null ? '–' : <Time at={item.nextAttemptAt} now={clock} />}
      </td>
      <td>{isOperator && <button onClick={resend}>{isSent ? 'Sent again' : 'Send again'}</button>}</td>
    </tr>
  );
}
