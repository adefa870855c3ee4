import { useEffect, useState } from 'preact/hooks';

/** Where the console is: the address says all of it, so that it can be sent to somebody. */
export interface Route {
  readonly screen: 'now' | 'people' | 'person' | 'operations' | 'operation';
  /** Of the person or operation. */
  readonly id: string;
  readonly query: URLSearchParams;
}

const MOVED = 'onward:moved';

export function routeOf({ pathname, search }: Pick<Location, 'pathname' | 'search'>): Route {
  const [screen = '', id = ''] = pathname
    .replace(/^\/console\/?/, '')
    .split('/')
    .map(decodeURIComponent);
  const query = new URLSearchParams(search);
  if (screen === 'people') return { screen: id === '' ? 'people' : 'person', id, query };
  if (screen === 'operations') return { screen: id === '' ? 'operations' : 'operation', id, query };
  return { screen: 'now', id: '', query };
}

export const personAddress = (id: string) => `/console/people/${encodeURIComponent(id)}`;
export const operationAddress = (id: string) => `/console/operations/${encodeURIComponent(id)}`;

/** Goes to another address of the console. `replace` leaves no step behind to come back to. */
export function go(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  dispatchEvent(new Event(MOVED));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location));
  useEffect(() => {
    const look = () => setRoute(routeOf(location));
    const follow = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const address = link?.getAttribute('href') ?? '';
      if (!address.startsWith('/console/') || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0)
        return;
      event.preventDefault();
      go(address);
      scrollTo(0, 0);
    };
    addEventListener('popstate', look);
    addEventListener(MOVED, look);
    document.addEventListener('click', follow);
    return () => {
      removeEventListener('popstate', look);
      removeEventListener(MOVED, look);
      document.removeEventListener('click', follow);
    };
  }, []);
  return route;
}
