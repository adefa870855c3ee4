import type { ChildMessage } from './child.ts';

/** The child's side of `startChild`. */

interface ParentRequest {
  readonly nth: number;
  readonly name: string;
  readonly argument: unknown;
}

/** The argument that the parent passed to `startChild`. */
export const argument: unknown = JSON.parse(process.argv[2] ?? 'null');

/** Sends a message to the parent. */
export function sendToParent(message: unknown): void {
  send({ message });
}

const send = (message: ChildMessage) => process.send?.(message);

/** Answers the parent's requests. Shuts down gracefully on SIGTERM, and exits at once when the parent ends. */
export function serveRequests(
  answers: Readonly<Record<string, (argument: never) => unknown>>,
  end: () => Promise<void> | void,
): void {
  process.on('message', (request: ParentRequest) => void answer(answers, request));
  process.once('SIGTERM', () => void Promise.resolve(end()).finally(() => process.exit()));
  process.once('disconnect', () => process.exit());
}

async function answer(
  answers: Parameters<typeof serveRequests>[0],
  { nth, name, argument }: ParentRequest,
): Promise<void> {
  try {
    const value = name === 'ready' ? true : await answers[name]?.(argument as never);
    send({ requestId: nth, value });
  } catch (error) {
    send({ requestId: nth, error: String(error) });
  }
}
