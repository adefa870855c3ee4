import { createInterface } from 'node:readline/promises';

/** Returns a function that asks a question at the terminal; `null` if input or output is not one. */
export function createPrompt(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): ((question: string) => Promise<string>) | null {
  if (!input.isTTY || !output.isTTY) return null;
  return async (question) => {
    const lines = createInterface({ input, output });
    const closed = new AbortController();
    lines.once('close', () => closed.abort());
    try {
      return await lines.question(question, { signal: closed.signal });
    } catch {
      // Ctrl-C or Ctrl-D: no answer.
      output.write('\n');
      return '';
    } finally {
      lines.close();
    }
  };
}
