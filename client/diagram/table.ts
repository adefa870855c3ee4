/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** As code, unless there is nothing. */
export const code = (text: string) => (text === '' ? '' : `\`${text}\``);

/** Values that are kept in the order in which they came, each once, under a key. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string, valueOf: (item: T) => string) {
  const groups = new Map<string, Set<string>>();
  for (const item of items) groups.set(keyOf(item), (groups.get(keyOf(item)) ?? new Set()).add(valueOf(item)));
  return groups;
}
