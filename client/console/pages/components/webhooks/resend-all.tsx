import { useState } from 'preact/hooks';
import { client } from '../../api.js';
import { useIsOperator, useLive } from '../../hooks/live.js';
import { number } from '../../labels.js';
import { curlOf } from '../../model/curl.js';
import type { Notice } from '../../hooks/notices.js';
import { ActionDialog } from '../dialog.js';

type State = 'retrying' | 'givenUp';

const verbs: { readonly [S in State]: string } = {
  givenUp: 'Send all that were given up again',
  retrying: 'Send all that are being retried now',
};

/** Buttons that send all undelivered webhooks of a state again. */
export function ResendAll({ again }: { again: () => void }) {
  const { now } = useLive();
  const isOperator = useIsOperator();
  const [state, setState] = useState<State>();
  if (!isOperator || now === null) return null;
  const { webhooks } = now.summary;
  const body = (reason: string) => ({ filter: { state }, reason });
  return (
    <div class="buttons">
      {(['givenUp', 'retrying'] as const).map(
        (each) =>
          webhooks[each] > 0 && (
            <button key={each} onClick={() => setState(each)}>
              {verbs[each]} …
            </button>
          ),
      )}
      {state !== undefined && (
        <ActionDialog
          title={verbs[state]}
          effect={`About ${number(webhooks[state])} status changes are delivered at once, with the same ids as before.`}
          verb="Send again"
          curl={(reason, key) => curlOf({ method: 'POST', path: '/v1/webhooks/resend', body: body(reason), key })}
          act={(reason, key) => resendEveryPage(body(reason), key).finally(again)}
          close={() => setState(undefined)}
        />
      )}
    </div>
  );
}

async function resendEveryPage(request: Parameters<typeof client.resendWebhooks>[0], key: string): Promise<Notice> {
  const failed: string[] = [];
  let resent = 0;
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Awaited<ReturnType<typeof client.resendWebhooks>> = await client.resendWebhooks(request, {
      idempotencyKey: key,
      cursor: cursor ?? undefined,
    });
    failed.push(...page.failed.map(({ id, detail }) => `${id}: ${detail}`));
    resent += page.resent.length;
    cursor = page.next;
  }
  if (failed.length > 0) throw new Error(`${number(failed.length)} were not sent again: ${failed.join('; ')}`);
  return { text: `${number(resent)} status changes are being sent again` };
}
