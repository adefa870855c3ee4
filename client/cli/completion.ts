import { Argument } from 'commander';
import type { Command } from 'commander';
import { answer, word } from './desk.ts';
import type { Desk } from './desk.ts';

/** The word that completes the others. */
export function addCompletion(program: Command, desk: Desk): void {
  const example = 'completion bash > ~/.local/share/bash-completion/completions/onward';
  word(program, 'completion', 'A script that completes words in bash or zsh', example)
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh']))
    .action((shell: 'bash' | 'zsh', options: { readonly json?: boolean }) => {
      const script = shell === 'bash' ? bash(program) : zsh(program);
      answer(desk, options, { script }, () => desk.out.say(script));
    });
}

/** What may follow the words so far, by those words. */
function following(command: Command, before: readonly string[] = []): [string, string[]][] {
  const options = command.options.flatMap(({ short, long }) => [short, long].filter((flag) => flag != null));
  const values = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const words = [...command.commands.map((each) => each.name()), ...values, ...options, '--help'];
  const inside = command.commands.flatMap((each) => following(each, [...before, each.name()]));
  return [...inside, [before.join(' '), words]];
}

/** What may follow an option, by the option. */
function choices(command: Command): [string, string[]][] {
  const own = command.options.flatMap(({ long, argChoices }): [string, string[]][] =>
    long != null && argChoices !== undefined ? [[`${command.name()} ${long}`, argChoices]] : [],
  );
  return [...own, ...command.commands.flatMap(choices)];
}

function bash(program: Command): string {
  const values = choices(program).map(([at, words]) => `    '${at}') words='${words.join(' ')}' ;;`);
  const words = following(program).map(
    ([before, after]) => `      '${before}${before === '' ? '' : ' '}'*) words='${after.join(' ')}' ;;`,
  );
  return [
    '# bash completion of onward',
    '_onward() {',
    "  local here=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} words=''",
    '  local before="${COMP_WORDS[*]:1:COMP_CWORD-1} "',
    '  case "${COMP_WORDS[1]} $last" in',
    ...values,
    '    *) case "$before" in',
    ...words,
    '    esac ;;',
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$here"))',
    '}',
    'complete -F _onward onward',
  ].join('\n');
}

/** zsh runs the script of bash. */
function zsh(program: Command): string {
  return ['#compdef onward', 'autoload -U +X bashcompinit && bashcompinit', bash(program)].join('\n');
}
