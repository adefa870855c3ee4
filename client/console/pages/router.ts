import { useLayoutEffect, useState } from 'preact/hooks';

/** The screen that is shown. The URL contains all of it, so that a link opens the same view. */
export interface Route {
  readonly screen:
    | 'overview'
    | 'machine'
    | 'people'
    | 'person'
    | 'operations'
    | 'operation'
    | 'reconciliation'
    | 'whatIfs'
    | 'whatIf'
    | 'activity'
    | 'notFound';
  /** The id of the user, operation, reconciliation or what-if; empty on the other screens. */
  readonly id: string;
  readonly query: URLSearchParams;
}

const MOVED = 'onward:moved';

export function routeOf({ pathname, search }: Pick<Location, 'pathname' | 'search'>): Route {
  const [screen = '', id = '', ...rest] = pathname
    .replace(/^\/console\/?/, '')
    .split('/')
    .map(decode);
  const query = new URLSearchParams(search);
  if (rest.length > 0) return { screen: 'notFound', id: '', query };
  if (screen === 'people') return { screen: id === '' ? 'people' : 'person', id, query };
  if (screen === 'operations') return { screen: id === '' ? 'operations' : 'operation', id, query };
  if (screen === 'reconciliations') return { screen: id === '' ? 'operations' : 'reconciliation', id, query };
  if (screen === 'what-ifs') return { screen: id === '' ? 'whatIfs' : 'whatIf', id, query };
  if (id !== '') return { screen: 'notFound', id: '', query };
  if (screen === '') return { screen: 'overview', id: '', query };
  if (screen === 'machine' || screen === 'activity') return { screen, id: '', query };
  return { screen: 'notFound', id: '', query };
}

/** A part of a path that cannot be decoded is left as it is. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @param action the action to begin there */
export const actionAddress = (id: string, action: string) => `${personAddress(id)}?action=${action}`;
export const personAddress = (id: string) => `/console/people/${encodeURIComponent(id)}`;
export const operationAddress = (id: string) => `/console/operations/${encodeURIComponent(id)}`;
export const reconciliationAddress = (id: string) => `/console/reconciliations/${encodeURIComponent(id)}`;
export const whatIfAddress = (id: string) => `/console/what-ifs/${encodeURIComponent(id)}`;

/** Navigates to a URL of the console. `replace` adds no entry to the browser's history. */
export function go(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  dispatchEvent(new Event(MOVED));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location));
  useLayoutEffect(() => {
    const update = () => setRoute(routeOf(location));
    const follow = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const address = link?.getAttribute('href') ?? '';
      if (!address.startsWith('/console/') || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0)
        return;
      event.preventDefault();
      go(address);
      scrollTo(0, 0);
    };
    addEventListener('popstate', update);
    addEventListener(MOVED, update);
    document.addEventListener('click', follow);
    return () => {
      removeEventListener('popstate', update);
      removeEventListener(MOVED, update);
      document.removeEventListener('click', follow);
    };
  }, []);
  return route;
}
