import { OnwardClient, Problem } from '../http-client/index.ts';
import { failed, passed, skipped } from './check.ts';
import type { Check } from './check.ts';

/** Checks whether a gateway accepts sign-up events or ignores all of them. */

export interface GatewayEndpoint {
  readonly url: string;
  /** A token with the role `viewer`. */
  readonly token: string;
}

const TIMEOUT_MS = 5_000;
const COUNTER = /^onward_events_(?:total\{outcome|ignored_total\{reason)="(\w+)"\} (\d+)/gm;

/**
 * Reads the counters of one gateway since its start.
 *
 * @param findEndpoint throws if no gateway is configured
 */
export async function checkSignUps(findEndpoint: () => GatewayEndpoint): Promise<Check> {
  try {
    const { url, token } = findEndpoint();
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const text = await new OnwardClient({ url, token }).metrics({ signal }).catch(refusalIn);
    if (text instanceof Problem) {
      return skipped('signUps', `the gateway at ${url} returned status ${text.status} for its metrics`);
    }
    return evaluate(new Map([...text.matchAll(COUNTER)].map(([, name = '', count]) => [name, Number(count)])));
  } catch (error) {
    return skipped('signUps', `no gateway could be reached: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A problem that a gateway responded with; every other error is thrown. */
function refusalIn(error: unknown): Problem {
  if (error instanceof Problem && error.status > 0) return error;
  throw error;
}

function evaluate(counts: ReadonlyMap<string, number>): Check {
  const of = (name: string) => counts.get(name) ?? 0;
  const ignored = of('ignored');
  const accepted = of('started') + of('existing');
  const reasons = `${of('other_type')} of another type, ${of('too_old')} too old`;
  const found = `since its start, the gateway accepted ${accepted} and ignored ${ignored} sign-up events (${reasons})`;
  if (accepted > 0 || ignored === 0) return passed('signUps', found);
  const fixes = [
    ...(of('other_type') > 0
      ? ["set events.type and events.types of the policy file to the values in the sender's events"]
      : []),
    ...(of('too_old') > 0 ? ["correct the time in the sender's events, or events.time of the policy file"] : []),
  ];
  return failed('signUps', found, `${fixes.join('; ')}; the gateway logs a warning for the first event of each kind`);
}
