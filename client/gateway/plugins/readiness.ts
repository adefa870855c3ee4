import type { Client } from '@temporalio/client';

/** With a margin for a busy machine, shorter than the timeout of a Prometheus scrape, 2 s. */
const CHECK_TIMEOUT_MS = 1_000;
/** The route needs no token, so Temporal is called at most this often. */
const CACHE_MS = 1_000;

/** Creates a check of whether Temporal responds for the journeys' namespace. Callers within a second share one reply. */
export function createReadinessCheck(client: Client): () => Promise<boolean> {
  const { namespace } = client.options;
  const check = async () => {
    try {
      await client.withDeadline(Date.now() + CHECK_TIMEOUT_MS, () =>
        client.workflowService.describeNamespace({ namespace }),
      );
      return true;
    } catch {
      return false;
    }
  };
  let last = { answer: Promise.resolve(false), until: 0 };
  return () => {
    if (last.until > Date.now()) return last.answer;
    const answer = check();
    const current = { answer, until: Number.POSITIVE_INFINITY };
    last = current;
    void answer.then(() => (current.until = Date.now() + CACHE_MS));
    return answer;
  };
}
