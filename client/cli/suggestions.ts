import { InvalidArgumentError } from 'commander';
import type { Argument, Command, Option } from 'commander';
import leven from 'leven';

/** Suggests words that are similar to a misspelt one, as commander does for commands; empty if none is similar. */
export function suggestionFor(given: string, words: readonly string[]): string {
  const rated = words.map((word) => ({ word, edits: leven(given.toLowerCase(), word.toLowerCase()) }));
  const fewest = Math.min(...rated.map(({ edits }) => edits));
  const limit = Math.max(2, Math.floor(given.length / 3));
  const similar = rated.filter(({ word, edits }) => edits === fewest && edits <= limit && edits < word.length);
  const [first, ...others] = similar.map(({ word }) => word);
  if (first === undefined) return '';
  return ` (Did you mean ${others.length === 0 ? first : `one of ${[first, ...others].join(', ')}`}?)`;
}

/** Adds suggestions to the errors of every option and argument that has a choice of words. */
export function suggestChoices(command: Command): void {
  for (const part of [...command.options, ...command.registeredArguments]) {
    if (part.argChoices !== undefined) addSuggestions(part, part.argChoices);
  }
}

function addSuggestions(part: Option | Argument, choices: readonly string[]): void {
  const { parseArg } = part;
  part.argParser((given: string, previous: unknown) => {
    if (choices.includes(given)) return parseArg?.(given, previous) ?? given;
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.${suggestionFor(given, choices)}`);
  });
}
