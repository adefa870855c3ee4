import { proxyActivities } from '@temporalio/workflow';

/** Schedules an activity that does not return. */
export async function stuckActivity() {
  const { getStuck } = proxyActivities({ startToCloseTimeout: '1 s', retry: { maximumAttempts: 1 } });
  await getStuck();
}
