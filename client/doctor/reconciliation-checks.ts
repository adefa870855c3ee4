import type { Client } from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import type { ReconcileSettings } from '../config/policy-file.ts';
import { compareSchedule } from '../reconciliation/schedule.ts';
import { failed, passed } from './check.ts';
import type { Check } from './check.ts';
import { runCheck } from './server-checks.ts';

const NAME = 'reconciliation';
const SETUP = 'run: onward setup, with the same ONWARD_POLICY as the gateway and the workers';

/** Checks whether the Schedule of reconciliations is as the policy has it, and whether it runs. */
export function checkReconciliation(client: Client, taskQueue: string, reconcile: ReconcileSettings): Promise<Check> {
  return runCheck(client, NAME, async () => {
    try {
      switch (await compareSchedule(client, { reconcile, taskQueue })) {
        case 'off':
          return passed(NAME, 'it is off: the policy has no `reconcile.every`');
        case 'equal':
          return passed(NAME, "the provider's users are compared with the journeys on a Schedule");
        case 'missing':
          return failed(NAME, 'the policy has `reconcile.every`, but the Schedule is missing', SETUP);
        case 'unwanted':
          return failed(NAME, 'there is a Schedule, but the policy has no `reconcile.every`', SETUP);
        case 'different':
          return failed(NAME, 'the Schedule has other settings than the policy', SETUP);
        case 'paused':
          return failed(
            NAME,
            'the Schedule is paused',
            'resume it: temporal schedule toggle --unpause --schedule-id onward-reconcile',
          );
      }
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      return failed(
        NAME,
        'the input of the Schedule cannot be decrypted here',
        'give this process all of ONWARD_ENCRYPTION_KEYS',
      );
    }
  });
}
