import type { Argument, Command, Option } from 'commander';
import { sourceOf } from './sources.ts';
import type { Source } from './sources.ts';

/** A word that may come next, and its description. */
export interface Candidate {
  readonly word: string;
  readonly description: string;
}

export interface Candidates {
  readonly words: readonly Candidate[];
  /** Returns more words, which only the gateway knows; `undefined` if `words` is complete. */
  readonly source: Source | undefined;
}

/**
 * Returns the candidates for the last word of a command line.
 *
 * @param words the words after `onward`. The last one is to be completed, and may be empty
 */
export function candidatesFor(program: Command, words: readonly string[]): Candidates {
  const before = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const { command, position, open } = readWords(program, before);
  if (open !== undefined) return valuesOf(open, last);
  const [, name = '', start] = /^(--[^=]+)=(.*)$/.exec(last) ?? [];
  const option = command.options.find(({ long }) => long === name);
  if (option !== undefined && start !== undefined) return withPrefix(`${name}=`, valuesOf(option, start));
  if (last.startsWith('-')) return { words: optionsOf(command).filter(startsWith(last)), source: undefined };
  const argument = command.registeredArguments[position] ?? lastVariadic(command);
  const values = argument === undefined ? { words: [], source: undefined } : valuesOf(argument, last);
  const subcommands = position === 0 ? subcommandsOf(command).filter(startsWith(last)) : [];
  return { words: [...subcommands, ...values.words], source: values.source };
}

interface Place {
  readonly command: Command;
  /** The number of arguments before the place. */
  readonly position: number;
  /** The option whose value is expected. */
  readonly open: Option | undefined;
}

function readWords(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, position: 0, open: undefined };
  for (const word of words) place = next(place, word);
  return place;
}

function next({ command, position, open }: Place, word: string): Place {
  if (open !== undefined) return { command, position, open: undefined };
  if (word.startsWith('-')) {
    const option = command.options.find(({ short, long }) => word === short || word === long);
    return { command, position, open: option?.required === true ? option : undefined };
  }
  const subcommand = position === 0 ? command.commands.find((each) => each.name() === word) : undefined;
  return subcommand === undefined
    ? { command, position: position + 1, open: undefined }
    : { command: subcommand, position: 0, open: undefined };
}

const lastVariadic = ({ registeredArguments }: Command): Argument | undefined => {
  const last = registeredArguments.at(-1);
  return last?.variadic === true ? last : undefined;
};

function valuesOf(part: Argument | Option, start: string): Candidates {
  const words = (part.argChoices ?? []).map((word) => ({ word, description: '' })).filter(startsWith(start));
  return { words, source: sourceOf(part) };
}

function withPrefix(prefix: string, { words, source }: Candidates): Candidates {
  return {
    words: words.map(({ word, description }) => ({ word: prefix + word, description })),
    source:
      source &&
      (async (client, start, options) =>
        (await source(client, start.slice(prefix.length), options)).map((word) => prefix + word)),
  };
}

function optionsOf(command: Command): Candidate[] {
  const own = command.options.filter(({ hidden }) => !hidden);
  const listed = own.flatMap(({ long, short, description }) => {
    const word = long ?? short;
    return word == null ? [] : [{ word, description }];
  });
  return [...listed, { word: '--help', description: 'display help for command' }];
}

function subcommandsOf(command: Command): Candidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.map((each) => ({ word: each.name(), description: each.summary() || each.description() }));
}

const startsWith =
  (start: string) =>
  ({ word }: Candidate) =>
    word.startsWith(start);
