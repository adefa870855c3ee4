import { Argument } from 'commander';
import type { Command } from 'commander';
import { escapeText } from '../../../workflows/journey/status/text.ts';
import { addCommand, connectClient, printReply } from '../context.ts';
import type { CliContext } from '../context.ts';
import { candidatesFor } from './candidates.ts';
import type { Candidate, Candidates } from './candidates.ts';
import { completionScript, shells } from './scripts.ts';
import type { Shell } from './scripts.ts';

/** How long the shell waits for ids from the gateway. */
const TIMEOUT_MS = 2_000;

/** An id. A shell inserts a candidate as it is, so that another one, such as `$(…)`, would be run with the command line. */
const ID = /^[A-Za-z0-9._:-]+$/;

/** Adds `completion`, and the hidden command that its scripts call. */
export function addCompletionCommands(program: Command, context: CliContext): void {
  addCommand(
    program,
    'completion',
    `Prints a completion script for ${shells.slice(0, -1).join(', ')} or ${shells.at(-1)}`,
    'completion bash > ~/.local/share/bash-completion/completions/onward',
    'completion zsh > ~/.zfunc/_onward',
    'completion fish > ~/.config/fish/completions/onward.fish',
  )
    .addArgument(new Argument('<shell>', shells.join(', ')).choices(shells))
    .action((shell: Shell) => {
      const script = completionScript(shell);
      printReply(context, { script }, () => context.out.writeLine(script));
    });
  program
    .command('__complete', { hidden: true })
    .argument('<line>', 'the command line before the cursor')
    .action(async (line: string) => {
      const words = wordsOf(line);
      const candidates = candidatesFor(program, words);
      for (const { word, description } of await allWords(context, candidates, words.at(-1) ?? '')) {
        context.out.writeLine(`${escapeText(word)}\t${escapeText(description)}`);
      }
    });
}

/** Splits a command line at spaces, and drops the variables and the name of the program. */
function wordsOf(line: string): string[] {
  const words = line.trimStart().split(/\s+/);
  return words.slice(words.findIndex((word) => !/^\w+=/.test(word)) + 1);
}

/** Returns all candidates, and those of the gateway if it answers in time. */
async function allWords(context: CliContext, { words, source }: Candidates, last: string): Promise<Candidate[]> {
  if (source === undefined) return [...words];
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const read = await source(connectClient(context, 'viewer'), last, { signal });
    const matching = read.filter((word) => word.startsWith(last) && ID.test(word));
    return [...words, ...matching.map((word) => ({ word, description: '' }))];
  } catch {
    // A shell cannot show an error during completion.
    return [...words];
  }
}
