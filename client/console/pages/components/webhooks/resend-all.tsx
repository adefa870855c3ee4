import { useState } from 'preact/hooks';
import { client } from '../../api.js';
import { useIsOperator, useLive } from '../../hooks/live.js';
import { number } from '../../labels.js';
import { curlOf } from '../../model/curl.js';
import { go, operationAddress } from '../../router.js';
import { RateInput } from '../bulk-dialog.js';
import { ActionDialog } from '../dialog.js';

type State = 'retrying' | 'givenUp';

const verbs: { readonly [S in State]: string } = {
  givenUp: 'Send all that were given up again',
  retrying: 'Send all that are being retried now',
};

/** Buttons that send all undelivered webhooks of a state again, as a bulk operation. */
export function ResendAll() {
  const { now } = useLive();
  const isOperator = useIsOperator();
  const [state, setState] = useState<State>();
  const [perSecond, setRate] = useState(5);
  if (!isOperator || now === null) return null;
  const { webhooks } = now.summary;
  const body = (reason: string) => ({ filter: { state }, perSecond, reason });
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
          effect={`An operation delivers about ${number(webhooks[state])} status changes again, with the same ids as before, and shows for each whether the receiver accepts it.`}
          verb="Send again"
          curl={(reason, key) => curlOf({ method: 'POST', path: '/v1/webhooks/resend', body: body(reason), key })}
          act={async (reason, key) => {
            const { id } = await client.resendWebhooks(body(reason), { idempotencyKey: key });
            go(operationAddress(id));
            return {
              text: `Requested: ${verbs[state]}`,
              link: { href: operationAddress(id), label: 'Show' },
            };
          }}
          close={() => setState(undefined)}
        >
          <RateInput label="Webhooks per second" perSecond={perSecond} setRate={setRate} />
        </ActionDialog>
      )}
    </div>
  );
}
