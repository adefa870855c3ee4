import type { Filter } from './doors.js';
import { queryOf } from './doors.js';
import { accountWords, reasonWords, stateWords, stepWords } from './words.js';

/** Whom *People* shows. It lives in the address: what is seen can be sent to somebody, and come back to. */

const HOUR = 3_600_000;
const ages = { '10min': HOUR / 6, '1h': HOUR, '6h': 6 * HOUR, '1d': 24 * HOUR, '3d': 72 * HOUR } as const;
type Age = keyof typeof ages;

export interface Chip {
  readonly value: string;
  readonly words: string;
}

const chipsOf = (words: Readonly<Record<string, string>>, values = Object.keys(words)): Chip[] =>
  values.map((value) => ({ value, words: words[value] ?? value }));

/** What can be chosen from, by the name of its field in the address. */
export const choices = {
  state: { label: 'State', chips: chipsOf(stateWords) },
  step: { label: 'Step', chips: chipsOf(stepWords, ['stalled', 'locked', 'paused']) },
  reason: { label: 'Reason', chips: chipsOf(reasonWords) },
  accountType: { label: 'Account', chips: chipsOf(accountWords) },
  age: {
    label: 'So for longer than',
    chips: chipsOf({ '10min': '10 min', '1h': '1 hour', '6h': '6 hours', '1d': '1 day', '3d': '3 days' }),
  },
} as const;
export type Field = keyof typeof choices;
export const fields = Object.keys(choices) as Field[];

/** What was chosen, as the address has it: what is no choice is left out. */
export interface Chosen {
  readonly fields: { readonly [F in Field]?: string };
  readonly userId: string;
}

export function chosenIn(query: URLSearchParams): Chosen {
  const given = fields.flatMap((field) => {
    const value = query.get(field) ?? '';
    return choices[field].chips.some((chip) => chip.value === value) ? [[field, value]] : [];
  });
  return { fields: Object.fromEntries(given), userId: query.get('userId') ?? '' };
}

/** With another choice in one field, or none. */
export function choosing(chosen: Chosen, field: Field, value: string | undefined): Chosen {
  const others = Object.entries(chosen.fields).filter(([name]) => name !== field);
  return { ...chosen, fields: Object.fromEntries(value === undefined ? others : [...others, [field, value]]) };
}

export function addressOf({ fields, userId }: Chosen): string {
  return `/console/people${queryOf({ ...fields, userId: userId === '' ? undefined : userId })}`;
}

/** As the doors take it. An age becomes a time, which then stays the same. */
export function filterOf({ fields: { age, ...fields }, userId }: Chosen, now: number): Filter {
  const sinceBefore = age === undefined ? undefined : new Date(now - ages[age as Age]).toISOString();
  return { ...fields, ...(userId !== '' && { userId }), ...(sinceBefore !== undefined && { sinceBefore }) } as Filter;
}

export const isEmpty = ({ fields, userId }: Chosen) => Object.keys(fields).length === 0 && userId === '';

/** A filter in words, as an operation keeps it. */
export function filterWords(filter: Filter): string {
  const { state, step, reason, accountType, userId, sinceBefore } = filter;
  const words = [
    state && stateWords[state],
    step && stepWords[step],
    reason && reasonWords[reason],
    accountType && accountWords[accountType],
    userId,
    sinceBefore && `since before ${sinceBefore.slice(0, 16).replace('T', ' ')} UTC`,
  ].filter((part) => part !== undefined && part !== '');
  return words.length === 0 ? 'everybody' : words.join(' · ');
}
