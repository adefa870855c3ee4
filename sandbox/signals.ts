const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves at the first Ctrl-C, SIGTERM or closing of the terminal; a second one ends the process at once, as ever. */
export function untilStopped(process: Pick<NodeJS.Process, 'on' | 'off'>): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
