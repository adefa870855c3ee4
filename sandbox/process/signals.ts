const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Under npm, one Ctrl-C arrives several times: from the terminal, and from each npm process that forwards it. */
const SAME_SIGNAL_MS = 1_000;

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. Another signal more than a second later ends the process at once. */
export function waitForShutdownSignal(process: Pick<NodeJS.Process, 'on' | 'off'>): Promise<void> {
  return new Promise((resolve) => {
    const removeListeners = () => {
      for (const signal of signals) process.off(signal, stop);
    };
    const stop = () => {
      resolve();
      setTimeout(removeListeners, SAME_SIGNAL_MS).unref();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
