/** The other end of `startChild`. */

interface Asked {
  readonly nth: number;
  readonly name: string;
  readonly given: unknown;
}

/** What this process was given at its start. */
export const given: unknown = JSON.parse(process.argv[2] ?? 'null');

/** Says something of its own accord. */
export function tell(told: unknown): void {
  process.send?.({ told });
}

/** Answers what this process is asked from now on; ends in order when it is told to, and at once with who started it. */
export function answering(
  answers: Readonly<Record<string, (given: never) => unknown>>,
  end: () => Promise<void> | void,
): void {
  process.on('message', (asked: Asked) => void answer(answers, asked));
  process.once('SIGTERM', () => void Promise.resolve(end()).finally(() => process.exit()));
  process.once('disconnect', () => process.exit());
}

async function answer(answers: Parameters<typeof answering>[0], { nth, name, given }: Asked): Promise<void> {
  try {
    const value = name === 'ready' ? true : await answers[name]?.(given as never);
    process.send?.({ answerTo: nth, value });
  } catch (error) {
    process.send?.({ answerTo: nth, failed: String(error) });
  }
}
