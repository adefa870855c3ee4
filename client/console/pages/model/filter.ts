import { formatInstant } from '#format-time';
import type { Operation, OperationRequest } from 'onward/client';
import type { Filter } from '../api.js';
import { queryOf } from '#http-request';
import { accountLabels, reasonLabels, stateLabels, stepLabels, userCount } from '../labels.js';

/** The filter of the People screen. It is stored in the URL, so that a link opens the same list. */

const HOUR = 3_600_000;
const ages = { '10min': HOUR / 6, '1h': HOUR, '6h': 6 * HOUR, '1d': 24 * HOUR, '3d': 72 * HOUR } as const;
type Age = keyof typeof ages;

export interface Chip {
  readonly value: string;
  readonly words: string;
}

const chipsOf = (words: Readonly<Record<string, string>>, values = Object.keys(words)): Chip[] =>
  values.map((value) => ({ value, words: words[value] ?? value }));

/** The values of each filter, by its name in the URL. */
export const choices = {
  state: { label: 'State', chips: chipsOf(stateLabels) },
  step: { label: 'Step', chips: chipsOf(stepLabels, ['stalled', 'locked', 'paused']) },
  reason: { label: 'Reason', chips: chipsOf(reasonLabels) },
  accountType: { label: 'Account', chips: chipsOf(accountLabels) },
  age: {
    label: 'Unchanged for',
    chips: chipsOf({
      '10min': 'over 10 min',
      '1h': 'over 1 hour',
      '6h': 'over 6 hours',
      '1d': 'over 1 day',
      '3d': 'over 3 days',
    }),
  },
} as const;
export type Field = keyof typeof choices;
export const fields = Object.keys(choices) as Field[];

/** The columns that a list can be sorted by, once all of it is loaded: the server lists the newest start first. */
export const sortKeys = ['userId', 'state', 'reason', 'since', 'accountType', 'startedAt'] as const;
export type SortKey = (typeof sortKeys)[number];
export interface Order {
  readonly by: SortKey;
  readonly isDescending: boolean;
}
export const newestFirst: Order = { by: 'startedAt', isDescending: true };

/** The selected filters and the order, as in the URL. Unknown values are dropped. */
export interface FilterChoice {
  readonly fields: { readonly [F in Field]?: string };
  /** The beginning of the user id. */
  readonly userId: string;
  readonly order: Order;
}

export function chosenIn(query: URLSearchParams): FilterChoice {
  const given = fields.flatMap((field) => {
    const value = query.get(field) ?? '';
    return choices[field].chips.some((chip) => chip.value === value) ? [[field, value]] : [];
  });
  return { fields: Object.fromEntries(given), userId: query.get('userId') ?? '', order: orderIn(query) };
}

function orderIn(query: URLSearchParams): Order {
  const sort = query.get('sort') ?? '';
  const by = sortKeys.find((key) => key === sort.replace(/^-/, ''));
  return by === undefined ? newestFirst : { by, isDescending: sort.startsWith('-') };
}

/** Returns the filters with one field replaced, or removed. */
export function withField(chosen: FilterChoice, field: Field, value: string | undefined): FilterChoice {
  const others = Object.entries(chosen.fields).filter(([name]) => name !== field);
  return { ...chosen, fields: Object.fromEntries(value === undefined ? others : [...others, [field, value]]) };
}

export function addressOf({ fields, userId, order: { by, isDescending } }: FilterChoice): string {
  const sort = by === newestFirst.by && isDescending ? undefined : `${isDescending ? '-' : ''}${by}`;
  return `/console/people${queryOf({ ...fields, userId: userId === '' ? undefined : userId, sort })}`;
}

/** Converts the selection to the filter of the API. An age becomes a fixed time. */
export function filterOf({ fields: { age, ...fields }, userId }: FilterChoice, now: number): Filter {
  const sinceBefore = age === undefined ? undefined : new Date(now - ages[age as Age]).toISOString();
  return {
    ...fields,
    ...(userId !== '' && { userIdPrefix: userId }),
    ...(sinceBefore !== undefined && { sinceBefore }),
  } as Filter;
}

export const isFiltered = ({ fields, userId }: FilterChoice) => Object.keys(fields).length > 0 || userId !== '';

/** Whether it is the whole list in its usual order. */
export const isEmpty = (chosen: FilterChoice) => addressOf(chosen) === '/console/people';

/** Describes what is selected, as a name for it. */
export function describeChosen({ fields: given, userId }: FilterChoice): string {
  const words = fields.map((field) => choices[field].chips.find(({ value }) => value === given[field])?.words);
  return [...words, userId].filter((part) => part !== undefined && part !== '').join(' · ');
}

const webhookLabels = { retrying: 'webhooks that are retried', givenUp: 'webhooks that were given up' } as const;

/** Describes what a bulk operation acts on. */
export function targetLabels({ filter, webhooks }: Pick<Operation, 'filter' | 'webhooks'>): string {
  if (webhooks === null) return filterLabels(filter);
  const { state, userId } = webhooks;
  const words = [state === undefined ? 'undelivered webhooks' : webhookLabels[state], userId];
  return words.filter((part) => part !== undefined).join(' · ');
}

/** Describes a filter of journeys. */
export function filterLabels(filter: OperationRequest['filter']): string {
  const { state, step, reason, accountType, userId, userIds, sinceBefore } = filter;
  const words = [
    state && stateLabels[state],
    step && stepLabels[step],
    reason && reasonLabels[reason],
    accountType && accountLabels[accountType],
    userId,
    userIds && `${userCount(userIds.length)} selected`,
    sinceBefore && `since before ${formatInstant(sinceBefore)}`,
  ].filter((part) => part !== undefined && part !== '');
  return words.length === 0 ? 'all journeys' : words.join(' · ');
}
