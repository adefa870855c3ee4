/**
 * Ends a call at its deadline, even if the HTTP client does not: after `101 Switching Protocols`, for example, got neither
 * answers nor honours its own timeouts.
 *
 * @param ms milliseconds until the call is aborted
 * @param lateError makes the error that is thrown then
 * @param start makes the call; the signal aborts at the deadline
 */
export async function withDeadline<T>(
  ms: number,
  lateError: () => Error,
  start: (signal: AbortSignal) => PromiseLike<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(lateError());
      abort.abort();
    }, ms);
  });
  try {
    return await Promise.race([start(abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
