import { useEffect, useRef, useState } from 'preact/hooks';
import type { JourneyPage } from 'onward/client';
import { client, messageOf } from '../api.js';
import type { Filter } from '../api.js';

export type Item = JourneyPage['items'][number];

const PAGE_SIZE = 50;
/** The largest page of the server. A longer list is not refreshed automatically. */
const MAX_PAGE_SIZE = 200;
const REFRESH_MS = 5_000;

interface LoadedPages {
  readonly items: readonly Item[];
  readonly next: string | null;
  /** The number of all that match. */
  readonly count: number | undefined;
  readonly of?: Filter;
  /** When the items were listed; in milliseconds since 1970. */
  readonly asOf: number | undefined;
}

const nothing: LoadedPages = { items: [], next: null, count: undefined, asOf: undefined };

/** Returns the journeys of a filter, as far as their pages are loaded. They are loaded again every few seconds. */
export function usePages(filter: Filter) {
  const [state, setState] = useState<LoadedPages>(nothing);
  const [isLoading, setLoading] = useState(true);
  const [problem, setProblem] = useState<string>();
  const newest = useRef(0);
  const { items, next, count, asOf } = state.of === filter ? state : nothing;

  const load = async (query: { readonly limit: number; readonly cursor?: string }) => {
    const number = (newest.current += 1);
    setLoading(true);
    try {
      const [page, counted] = await Promise.all([client.list({ ...filter, ...query }), client.count(filter)]);
      if (number !== newest.current) return;
      setState((before) => ({
        items: query.cursor === undefined ? page.items : [...before.items, ...page.items],
        next: page.next,
        count: counted.count,
        of: filter,
        asOf: query.cursor === undefined ? Date.now() : before.asOf,
      }));
      setProblem(undefined);
    } catch (error) {
      if (number === newest.current) setProblem(messageOf(error));
    }
    if (number === newest.current) setLoading(false);
  };
  const again = () => load({ limit: Math.min(MAX_PAGE_SIZE, Math.max(PAGE_SIZE, items.length)) });
  const refresh = useRef(again);
  refresh.current = again;

  useEffect(() => void load({ limit: PAGE_SIZE }), [filter]);
  const isLive = items.length <= MAX_PAGE_SIZE;
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(() => document.hidden || void refresh.current(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [isLive]);

  return {
    items,
    count,
    asOf,
    isLive,
    more: next === null ? undefined : () => void load({ limit: PAGE_SIZE, cursor: next }),
    problem,
    isLoading: isLoading || state.of !== filter,
    again: () => void again(),
  };
}
