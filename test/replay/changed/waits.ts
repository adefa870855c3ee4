import { sleep } from '@temporalio/workflow';
import { onboarding as before } from '../../../workflows/onboarding.ts';
import type { Begin } from '../../../workflows/contract.ts';

export * from '../../../workflows/index.ts';

/** A change that breaks every open journey: it waits before it begins. */
export async function onboarding(from: Begin): ReturnType<typeof before> {
  await sleep(1);
  return before(from);
}
