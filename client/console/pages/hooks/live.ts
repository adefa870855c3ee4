import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Dashboard, Principal } from 'onward/client';
import { messageOf, subscribe } from '../api.js';

/** The state that all screens share: the principal and the latest dashboard. */
export interface Live {
  readonly principal: Principal;
  readonly now: Dashboard | null;
  /** `away`: Temporal does not answer. `lost`: the gateway does not. */
  readonly connection: 'waiting' | 'live' | 'away' | 'lost';
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('useLive must be called inside LiveContext.Provider');
  return live;
}

export const useIsOperator = () => useLive().principal.role === 'operator';

/** Subscribes to the dashboard while the user is logged in. */
export function useDashboardStream(): Omit<Live, 'principal'> {
  const [live, setLive] = useState<Omit<Live, 'principal'>>({ now: null, connection: 'waiting' });
  useEffect(
    () =>
      subscribe(
        '/v1/dashboard',
        {
          dashboard: (now) => setLive({ now: now as Dashboard, connection: 'live' }),
          unavailable: () => setLive(({ now }) => ({ now, connection: 'away' })),
        },
        () => setLive(({ now }) => ({ now, connection: 'lost' })),
      ),
    [],
  );
  return live;
}

/** Returns the current time in milliseconds, updated at an interval. */
export function useClock(every = 1_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

export interface LoadState<T> {
  readonly value: T | undefined;
  readonly problem: string | undefined;
}

const RETRY_DELAY_MS = 3_000;

/**
 * Loads a value, again whenever a dependency changes, and retries after an error. The last value stays until the next one is
 * loaded.
 */
export function useLoaded<T>(
  load: () => Promise<T>,
  dependencies: readonly unknown[],
): LoadState<T> & { readonly again: () => void } {
  const [loaded, setLoaded] = useState<LoadState<T>>({ value: undefined, problem: undefined });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = () =>
      load().then(
        (value) => current && setLoaded({ value, problem: undefined }),
        (error: unknown) => {
          if (!current) return;
          setLoaded(({ value }) => ({ value, problem: messageOf(error) }));
          timer = setTimeout(run, RETRY_DELAY_MS);
        },
      );
    void run();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [...dependencies, turn]);
  return { ...loaded, again: () => setTurn((before) => before + 1) };
}
