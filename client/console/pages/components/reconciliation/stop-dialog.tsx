import { client } from '../../api.js';
import { curlOf } from '../../model/curl.js';
import { reconciliationAddress } from '../../router.js';
import { ActionDialog } from '../dialog.js';

/** Asks for a reason, and stops a reconciliation. */
export function StopReconciliation({ id, close }: { id: string; close: () => void }) {
  return (
    <ActionDialog
      title="Stop the reconciliation"
      effect="Commands in flight are completed, which takes seconds. The changes so far remain; no other journey is changed."
      verb="Stop"
      curl={(reason, key) => curlOf({ method: 'POST', path: `/v1/reconciliations/${id}/stop`, body: { reason }, key })}
      act={async (reason) => {
        await client.stopReconciliation(id, { reason });
        return { text: 'The reconciliation stops', link: { href: reconciliationAddress(id), label: 'Show' } };
      }}
      close={close}
    />
  );
}
