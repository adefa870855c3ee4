/** The views of People that this browser has saved by name. */

export interface View {
  readonly name: string;
  /** The address of the view: its filter and its order. */
  readonly address: string;
}

const KEY = 'onward:views';

export function loadViews(): readonly View[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isView) : [];
  } catch {
    // Storage is blocked, or something else wrote it.
    return [];
  }
}

function isView(value: unknown): value is View {
  const { name, address } = Object(value) as Partial<Record<string, unknown>>;
  return typeof name === 'string' && typeof address === 'string' && address.startsWith('/console/people');
}

/** Saves a view, in place of one with the same name. */
export function saveView(view: View): readonly View[] {
  return store([...loadViews().filter(({ name }) => name !== view.name), view]);
}

export function removeView(name: string): readonly View[] {
  return store(loadViews().filter((view) => view.name !== name));
}

function store(views: readonly View[]): readonly View[] {
  localStorage.setItem(KEY, JSON.stringify(views));
  return views;
}
