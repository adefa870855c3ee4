const TICK_MS = 20;

/**
 * Starts to measure the time in which this process could run, and returns a function that reads it, in milliseconds. It counts
 * ticks of a timer, which come as late as the deadlines of the process do, so a bound on it holds on a busy machine.
 */
export function measureProcessTime(): () => number {
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), TICK_MS);
  return () => {
    clearInterval(timer);
    return ticks * TICK_MS;
  };
}
