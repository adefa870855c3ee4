import { queryOf } from '#http-request';
import { actions } from './actions.js';
import { loadViews } from './saved-views.js';
import { actionAddress, personAddress } from '../router.js';
import { reasonLabels, stateLabels, stepLabels } from '../labels.js';

/** The entries of the command palette. */

export interface PaletteEntry {
  readonly group: 'People' | 'Actions' | 'Screens' | 'Filters' | 'Saved views';
  readonly label: string;
  readonly href: string;
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

const recoveryActions: readonly PaletteEntry[] = [
  { group: 'Actions', label: 'Recovery: check now …', href: '/console/operations?action=trigger' },
  { group: 'Actions', label: 'Recovery: pause …', href: '/console/operations?action=pause' },
  { group: 'Actions', label: 'Recovery: resume …', href: '/console/operations?action=resume' },
];

interface Context {
  readonly isOperator: boolean;
  /** The person whose page is open. */
  readonly person: string | undefined;
  /** The people whose ids begin as the last word of the text. */
  readonly found: readonly string[];
}

/** The entries for a text, the best first: `pause ada` is an action, `ada` a person. */
export function entriesFor(text: string, { isOperator, person, found }: Context): readonly PaletteEntry[] {
  const views = loadViews().map(({ name, address }): PaletteEntry => ({
    group: 'Saved views',
    label: name,
    href: address,
  }));
  const acts = isOperator ? [...actionsFor(text, person, found), ...recoveryActions] : [];
  const words = text.toLowerCase().split(/\s+/);
  const matching = [...acts, ...views, ...screens, ...filters].filter(({ label }) => {
    const searched = label.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
  const people = found.map((id): PaletteEntry => ({ group: 'People', label: id, href: personAddress(id) }));
  return words.length > 1 ? [...matching, ...people] : [...people, ...matching];
}

/** The actions on the person whose page is open, and on the one whose id follows the name of an action. */
function actionsFor(text: string, person: string | undefined, found: readonly string[]): PaletteEntry[] {
  const [verb = '', named] = text.trim().split(/\s+/);
  const ids = named === undefined ? [] : found.length > 0 ? found : [named];
  const toEntry = (id: string) => (action: (typeof actions)[number]) => ({
    group: 'Actions' as const,
    label: `${action.verb} ${id} …`,
    href: actionAddress(id, action.name),
  });
  const meant = actions.filter((action) => verb !== '' && action.verb.toLowerCase().startsWith(verb.toLowerCase()));
  return [
    ...ids.flatMap((id) => meant.map(toEntry(id))),
    ...(person === undefined || ids.includes(person) ? [] : actions.map(toEntry(person))),
  ];
}
