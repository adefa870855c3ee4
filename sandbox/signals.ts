const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One Ctrl-C under npm comes several times: from the terminal, and from each npm that passes it on. */
const SAME_PRESS = 1_000;

/** Resolves at the first Ctrl-C, SIGTERM or closing of the terminal; one more after a second ends the process at once. */
export function untilStopped(process: Pick<NodeJS.Process, 'on' | 'off'>): Promise<void> {
  return new Promise((resolve) => {
    const leave = () => {
      for (const signal of signals) process.off(signal, stop);
    };
    const stop = () => {
      resolve();
      setTimeout(leave, SAME_PRESS).unref();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
