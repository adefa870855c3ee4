import { client } from '../../api.js';
import { curlOf } from '../../model/curl.js';
import { go, reconciliationAddress } from '../../router.js';
import { ActionDialog } from '../dialog.js';

/** Asks for a reason, starts a reconciliation or a dry run of one, and shows it. */
export function StartReconciliation({ dryRun, close }: { dryRun: boolean; close: () => void }) {
  return (
    <ActionDialog
      title={dryRun ? 'Dry run of a reconciliation' : 'Reconcile'}
      effect={
        dryRun
          ? 'Reads the list of users at sFOX and reports the action for each user. Nothing is changed.'
          : 'Reads the list of users at sFOX, starts a journey for users who have none, and rechecks those who are verified or unsupported there. No code is sent.'
      }
      verb={dryRun ? 'Start the dry run' : 'Reconcile'}
      curl={(reason, key) => curlOf({ method: 'POST', path: '/v1/reconciliations', body: { dryRun, reason }, key })}
      act={async (reason, idempotencyKey) => {
        const { id } = await client.startReconciliation({ dryRun, reason }, { idempotencyKey });
        go(reconciliationAddress(id));
        return {
          text: dryRun ? 'Started a dry run of a reconciliation' : 'Started a reconciliation',
          link: { href: reconciliationAddress(id), label: 'Show' },
        };
      }}
      close={close}
    />
  );
}
