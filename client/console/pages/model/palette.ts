import { formatInstant } from '#format-time';
import { queryOf } from '#http-request';
import type { RecoveryStatus, Status } from 'onward/client';
import { actions, availability } from './actions.js';
import type { Action } from './actions.js';
import { refusalOf } from './consequence.js';
import { loadViews } from './saved-views.js';
import { actionAddress, personAddress } from '../router.js';
import { reasonLabels, stateLabels, stepLabels } from '../labels.js';

/** The entries of the command palette. */

export interface PaletteEntry {
  readonly group: 'People' | 'Actions' | 'Screens' | 'Filters' | 'Saved views';
  readonly label: string;
  readonly href: string;
  /** Why the action is not possible now. */
  readonly whyNot?: string;
}

const screens: readonly PaletteEntry[] = [
  { group: 'Screens', label: 'Overview', href: '/console/' },
  { group: 'Screens', label: 'Journeys by state', href: '/console/machine' },
  { group: 'Screens', label: 'People', href: '/console/people' },
  { group: 'Screens', label: 'Operations', href: '/console/operations' },
  { group: 'Screens', label: 'What if?', href: '/console/what-ifs' },
  { group: 'Screens', label: 'Activity', href: '/console/activity' },
];

const filtered = (label: string, filter: Readonly<Record<string, string>>): PaletteEntry => ({
  group: 'Filters',
  label: `People: ${label}`,
  href: `/console/people${queryOf(filter)}`,
});

const filters: readonly PaletteEntry[] = [
  ...(['stalled', 'locked', 'paused'] as const).map((step) => filtered(stepLabels[step], { step })),
  ...Object.entries(reasonLabels).map(([reason, label]) => filtered(label, { reason })),
  ...Object.entries(stateLabels).map(([state, label]) => filtered(label, { state })),
];

interface Context {
  readonly isOperator: boolean;
  /** `null` if recovery is not set up; `undefined` while it is not known. */
  readonly recovery: RecoveryStatus | null | undefined;
  /** The people whose ids begin with the last word of the text. */
  readonly found: readonly string[];
  /** The people that actions are offered for, as `peopleOfActions` gives them. */
  readonly people: readonly Status[];
}

/** The entries for a text, the best first: `pause ada` is an action, `ada` a person. */
export function entriesFor(
  text: string,
  { isOperator, recovery, found, people: statuses }: Context,
): readonly PaletteEntry[] {
  const views = loadViews().map(({ name, address }): PaletteEntry => ({
    group: 'Saved views',
    label: name,
    href: address,
  }));
  const acts = isOperator ? [...actionsFor(text, statuses, found), ...recoveryActions(recovery)] : [];
  const words = text.toLowerCase().split(/\s+/);
  const matching = [...acts, ...views, ...screens, ...filters].filter(({ label }) => {
    const searched = label.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
  const people = found.map((id): PaletteEntry => ({ group: 'People', label: id, href: personAddress(id) }));
  return words.length > 1 ? [...matching, ...people] : [...people, ...matching];
}

/** The people that the palette offers actions for: the one whose page is open, and those whose ids follow the name of an action. */
export function peopleOfActions(text: string, person: string | undefined, found: readonly string[]): readonly string[] {
  const named = namedIn(text, found);
  return person === undefined || named.includes(person) ? named : [...named, person];
}

function namedIn(text: string, found: readonly string[]): readonly string[] {
  const [verb = '', named] = text.trim().split(/\s+/);
  if (named === undefined || meantBy(verb).length === 0) return [];
  return found.length > 0 ? found : [named];
}

const meantBy = (verb: string): readonly Action[] =>
  actions.filter((action) => verb !== '' && action.verb.toLowerCase().startsWith(verb.toLowerCase()));

/** The actions on the people, the possible ones of each first. */
function actionsFor(text: string, people: readonly Status[], found: readonly string[]): PaletteEntry[] {
  const [verb = ''] = text.trim().split(/\s+/);
  const named = namedIn(text, found);
  return people.flatMap((status) => {
    const offered = named.includes(status.userId) ? meantBy(verb) : actions;
    const entries = offered.map((action) => toEntry(action, status));
    const isPossible = ({ whyNot }: PaletteEntry) => whyNot === undefined;
    return [...entries.filter(isPossible), ...entries.filter((entry) => !isPossible(entry))];
  });
}

function toEntry({ name, verb }: Action, status: Status): PaletteEntry {
  const { isAllowed, at } = availability(name, status);
  const entry = {
    group: 'Actions',
    label: `${verb} ${status.userId} …`,
    href: actionAddress(status.userId, name),
  } as const;
  if (isAllowed) return entry;
  return { ...entry, whyNot: at === undefined ? refusalOf(name, status) : `possible from ${formatInstant(at)}` };
}

/** The actions on recovery: start a run, and pause or resume it, depending on its state. */
function recoveryActions(recovery: RecoveryStatus | null | undefined): PaletteEntry[] {
  if (recovery === undefined || recovery === null) return [];
  const isPaused = recovery.nextRunAt === null;
  return [
    { group: 'Actions', label: 'Recovery: check now …', href: '/console/operations?action=trigger' },
    isPaused
      ? { group: 'Actions', label: 'Recovery: resume …', href: '/console/operations?action=resume' }
      : { group: 'Actions', label: 'Recovery: pause …', href: '/console/operations?action=pause' },
  ];
}
