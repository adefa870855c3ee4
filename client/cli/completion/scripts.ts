/** The completion scripts. Each calls `onward __complete` with the line before the cursor, which prints a word, a tab and its description on each line. */

const bash = [
  '# bash completion of onward',
  '_onward() {',
  "  local IFS=$'\\n' line=${COMP_LINE:0:COMP_POINT} current=${COMP_WORDS[COMP_CWORD]}",
  '  # bash breaks words at colons and equals signs too: a candidate is what comes after the last of them.',
  '  [[ $current == [:=] ]] && current=',
  '  local typed=${line##* }',
  '  local found=($(onward __complete "$line" 2>/dev/null | cut -f 1))',
  '  COMPREPLY=("${found[@]#"${typed%"$current"}"}")',
  '}',
  'complete -o default -F _onward onward',
];

const zsh = [
  '#compdef onward',
  '_onward() {',
  '  local -a found shown',
  '  local word text',
  "  while IFS=$'\\t' read -r word text; do",
  '    found+=("$word")',
  '    shown+=("$word${text:+  -- $text}")',
  '  done < <(onward __complete "${(j: :)words[1,CURRENT]}" 2>/dev/null)',
  '  if (( $#found )); then compadd -l -d shown -a found; else _files; fi',
  '}',
  '# A function of the fpath is called by its name; a file that is sourced registers it.',
  'if [[ $funcstack[1] == _onward ]]; then _onward "$@"; else compdef _onward onward; fi',
];

const fish = [
  '# fish completion of onward',
  'function __onward_complete',
  '  onward __complete (commandline -cp | string collect) 2>/dev/null',
  'end',
  "complete -c onward -f -a '(__onward_complete)'",
  "complete -c onward -n 'not count (__onward_complete) >/dev/null' -F",
];

const scripts = { bash, zsh, fish } as const;
export type Shell = keyof typeof scripts;
export const shells = Object.keys(scripts) as Shell[];

/** Returns the script that makes a shell complete the command lines of `onward`. */
export const completionScript = (shell: Shell): string => scripts[shell].join('\n');
