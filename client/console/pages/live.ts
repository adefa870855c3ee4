import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Now } from 'onward/client';
import { follow } from './doors.js';
import type { Holder } from './doors.js';

/** What every screen knows: who looks, and what the gateway saw last. */
export interface Live {
  readonly holder: Holder;
  readonly now: Now | null;
  /** `away`: Temporal does not answer. `lost`: the gateway does not. */
  readonly connection: 'waiting' | 'live' | 'away' | 'lost';
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('nobody is logged in');
  return live;
}

export const useMayAct = () => useLive().holder.role === 'operator';

/** Follows what the gateway sees, for as long as somebody is logged in. */
export function useNowStream(): Omit<Live, 'holder'> {
  const [seen, setSeen] = useState<Omit<Live, 'holder'>>({ now: null, connection: 'waiting' });
  useEffect(
    () =>
      follow(
        '/v1/now',
        {
          now: (now) => setSeen({ now: now as Now, connection: 'live' }),
          away: () => setSeen(({ now }) => ({ now, connection: 'away' })),
        },
        () => setSeen(({ now }) => ({ now, connection: 'lost' })),
      ),
    [],
  );
  return seen;
}

/** The time, as often as ages are to be told anew. */
export function useClock(every = 1_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly problem: string | undefined;
}

const AFTER_A_REFUSAL = 3_000;

/**
 * What a door gives, asked anew whenever one of `by` has changed, and a while after it was refused; the last answer stays until
 * the next is there.
 */
export function useLoaded<T>(
  load: () => Promise<T>,
  by: readonly unknown[],
): Loaded<T> & { readonly again: () => void } {
  const [loaded, setLoaded] = useState<Loaded<T>>({ value: undefined, problem: undefined });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () =>
      load().then(
        (value) => current && setLoaded({ value, problem: undefined }),
        (error: unknown) => {
          if (!current) return;
          setLoaded(({ value }) => ({ value, problem: error instanceof Error ? error.message : String(error) }));
          timer = setTimeout(ask, AFTER_A_REFUSAL);
        },
      );
    void ask();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [...by, turn]);
  return { ...loaded, again: () => setTurn((before) => before + 1) };
}
