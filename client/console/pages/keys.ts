import { useEffect, useRef, useState } from 'preact/hooks';
import type { Item } from './pages.js';
import { go, personAddress } from './route.js';

interface KeysOptions {
  readonly items: readonly Item[];
  readonly search: { current: HTMLInputElement | null };
  readonly toggle: ((id: string) => void) | undefined;
}

/** `j` and `k` go down and up, `enter` opens, `x` selects, `/` searches. */
export function useKeys(options: KeysOptions) {
  const [active, show] = useState(-1);
  // Keys may come faster than the page is drawn: what they act on is not what was drawn last.
  const now = useRef({ ...options, active });
  Object.assign(now.current, options);
  const setActive = (index: number) => {
    now.current.active = index;
    show(index);
  };
  useEffect(() => setActive(-1), [options.items[0]?.userId]);
  useEffect(() => {
    const act = (event: KeyboardEvent) => {
      const { items, search, toggle, active } = now.current;
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return;
      if (key === 'Escape' && target === search.current) return target.blur();
      if (target.closest('input:not([type=checkbox]), textarea, dialog') !== null) return;
      const user = items[active]?.userId;
      const to = (index: number) => {
        const next = Math.min(items.length - 1, Math.max(0, index));
        setActive(next);
        document.querySelectorAll('table.people tbody tr')[next]?.scrollIntoView({ block: 'nearest' });
      };
      if (key === 'j') to(active + 1);
      else if (key === 'k') to(active - 1);
      else if (key === 'x' && user !== undefined) toggle?.(user);
      else if (key === '/') search.current?.focus();
      else if (key === 'Enter' && user !== undefined && target.closest('a, button') === null) go(personAddress(user));
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', act);
    return () => removeEventListener('keydown', act);
  }, []);
  return { active, setActive };
}
