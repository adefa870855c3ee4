import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Item } from './use-pages.js';
import { go, personAddress } from '../router.js';

interface KeyboardOptions {
  readonly items: readonly Item[];
  readonly search: { current: HTMLInputElement | null };
  readonly toggle: ((id: string) => void) | undefined;
}

/** `j` and `k` go down and up, `enter` opens, `x` selects, `/` searches. */
export function useKeyboard(options: KeyboardOptions) {
  const [active, renderActive] = useState<string>();
  // Keys may arrive faster than Preact renders, so the handler reads a ref instead of the rendered state.
  const latest = useRef({ ...options, active });
  Object.assign(latest.current, options);
  const setActive = (id: string | undefined) => {
    latest.current.active = id;
    renderActive(id);
  };
  // Added together with the rows: `useEffect` would wait for the next frame, and a key pressed before it would be lost.
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { items, search, toggle, active } = latest.current;
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return;
      if (key === 'Escape' && target === search.current) return target.blur();
      if (target.closest('input:not([type=checkbox]), select, textarea, dialog') !== null) return;
      const at = items.findIndex(({ userId }) => userId === active);
      const user = items[at]?.userId;
      const moveTo = (index: number) => {
        const next = Math.min(items.length - 1, Math.max(0, index));
        setActive(items[next]?.userId);
        document.querySelectorAll('table.people tbody tr')[next]?.scrollIntoView({ block: 'nearest' });
      };
      if (key === 'j') moveTo(at + 1);
      else if (key === 'k') moveTo(at - 1);
      else if (key === 'x' && user !== undefined) toggle?.(user);
      else if (key === '/') search.current?.focus();
      else if (key === 'Enter' && user !== undefined && target.closest('a, button, summary') === null)
        go(personAddress(user));
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
  return { active, setActive };
}
