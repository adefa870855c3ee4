import type { Dashboard } from '../http-client/index.ts';
import { OnwardClient, Problem } from '../http-client/index.ts';
import { RESUME_ADVICE } from '../monitoring/recovery-pause.ts';
import { failed, passed, skipped } from './check.ts';
import type { Check } from './check.ts';
import { evaluateBlockers } from './journey-checks.ts';
import { evaluatePollers, queuePurposes } from './poller-checks.ts';
import { evaluateReplies } from './provider-checks.ts';
import { checkSignUps } from './signup-checks.ts';
import type { GatewayEndpoint } from './signup-checks.ts';
import { evaluateUndelivered } from './webhook-checks.ts';

/** Checks that call only the gateway. They need no access to Temporal and no encryption key. */

const TIMEOUT_MS = 10_000;
const ENDPOINT_ADVICE =
  'set ONWARD_URL and ONWARD_TOKEN (role viewer or operator); or, to check Temporal and the workers directly, TEMPORAL_ADDRESS and ONWARD_ENCRYPTION_KEYS';

type FindEndpoint = () => GatewayEndpoint;

/**
 * Checks whether the gateway answers, and the sign-up events that it has received.
 *
 * @param findEndpoint throws if no gateway is configured
 */
export async function* checkGateway(findEndpoint: FindEndpoint): AsyncGenerator<Check, void> {
  yield (await reachGateway(findEndpoint)).gateway;
  yield await checkSignUps(findEndpoint);
}

/** Checks what the gateway reports of Temporal, the workers, the provider and the journeys. */
export async function* checkThroughGateway(findEndpoint: FindEndpoint): AsyncGenerator<Check, void> {
  const { gateway, client } = await reachGateway(findEndpoint);
  // Nothing can be checked without a gateway, which is a failure here.
  yield gateway.ok === 'skipped' ? failed('gateway', gateway.found, ENDPOINT_ADVICE) : gateway;
  if (client === null) return;
  const dashboard = await read(() => client.dashboard({ signal: AbortSignal.timeout(TIMEOUT_MS) }));
  if (dashboard instanceof Error) {
    yield failed('temporal', dashboard.message, 'start Temporal, or correct TEMPORAL_ADDRESS of the gateway');
    return;
  }
  yield passed('temporal', 'the gateway reaches it');
  yield* await evaluateBlockers(dashboard.summary.blockers, async () => dashboard.recovery?.refusals ?? []);
  yield checkRecoveryIn(dashboard);
  yield checkReconciliationIn(dashboard);
  yield* checkPollersIn(dashboard);
  yield evaluateReplies(dashboard.provider);
  yield evaluateUndelivered(dashboard.summary.webhooks);
  yield await checkSignUps(findEndpoint);
  yield skipped('encryptionKeys', 'not in this environment: only what the gateway knows was checked');
}

async function reachGateway(findEndpoint: FindEndpoint): Promise<{ gateway: Check; client: OnwardClient | null }> {
  const endpoint = await read(async () => findEndpoint());
  if (endpoint instanceof Error) return { gateway: skipped('gateway', endpoint.message), client: null };
  const client = new OnwardClient(endpoint);
  const answer = await read(() => client.list({ limit: 1 }, { signal: AbortSignal.timeout(TIMEOUT_MS) }));
  if (!(answer instanceof Error)) return { gateway: passed('gateway', `it answers at ${endpoint.url}`), client };
  // Another check reports that Temporal is unavailable.
  if (answer instanceof Problem && answer.code === 'unavailable') {
    return { gateway: passed('gateway', `it answers at ${endpoint.url}, without Temporal`), client };
  }
  const isRefused = answer instanceof Problem && (answer.status === 401 || answer.status === 403);
  const fix = isRefused
    ? 'set ONWARD_TOKEN to a token of this gateway with the role viewer or operator'
    : 'start it (npm run gateway, locally onward dev), or correct ONWARD_URL';
  return { gateway: failed('gateway', answer.message, fix), client: null };
}

/** Returns the error instead of throwing it. */
async function read<T>(call: () => Promise<T>): Promise<T | Error> {
  try {
    return await call();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function checkRecoveryIn({ recovery, summary }: Dashboard): Check {
  if (recovery === null) {
    return failed('recovery', 'not set up: stalled journeys are not retried', 'run: onward setup');
  }
  const pause = summary.blockers.find(({ kind }) => kind === 'recoveryPaused')?.description ?? null;
  return pause === null ? passed('recovery', 'it retries stalled journeys') : failed('recovery', pause, RESUME_ADVICE);
}

function checkReconciliationIn({ reconciliation }: Dashboard): Check {
  if (reconciliation === null) return passed('reconciliation', 'there was none yet');
  const { id, state } = reconciliation;
  if (state !== 'failed') return passed('reconciliation', `the newest is ${state}`);
  return failed('reconciliation', 'the newest has failed', `read why: onward reconcile show ${id}`);
}

function checkPollersIn({ workers }: Dashboard): Check[] {
  return queuePurposes.map(([name, use]) => {
    const queue = workers.find((each) => each.use === use);
    return queue === undefined ? skipped(name, 'the gateway does not report it') : evaluatePollers(name, queue);
  });
}
