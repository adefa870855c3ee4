import { createInterface } from 'node:readline';

/**
 * Answers typed lines, one after the other: from a terminal with a prompt and its line editing, from a pipe without.
 * The end of the input ends nothing else. Gives what stops it.
 *
 * @param interrupt called on Ctrl-C, which a terminal with line editing does not turn into a signal
 */
export function answerTyped(
  answer: (line: string) => Promise<string>,
  { stdin, stdout }: Pick<NodeJS.Process, 'stdin' | 'stdout'>,
  interrupt: () => void,
): () => void {
  const terminal = stdin.isTTY && stdout.isTTY;
  const lines = createInterface({ input: stdin, output: stdout, terminal, prompt: terminal ? 'onward> ' : '' });
  let closed = false;
  let turn = Promise.resolve();
  lines.on('line', (line) => {
    turn = turn.then(async () => {
      const text = await answer(line);
      if (text !== '') stdout.write(`${text}\n`);
      if (!closed) lines.prompt();
    });
  });
  lines.on('SIGINT', interrupt);
  lines.on('close', () => (closed = true));
  lines.prompt();
  return () => {
    lines.close();
    stdin.destroy();
  };
}
