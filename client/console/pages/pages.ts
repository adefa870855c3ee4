import { useEffect, useRef, useState } from 'preact/hooks';
import type { Listing } from 'onward/client';
import { journeys } from './doors.js';
import type { Filter } from './doors.js';

export type Item = Listing['items'][number];

/** The pages of a list, as far as they were asked for. */
export function usePages(filter: Filter) {
  const [state, setState] = useState<{
    readonly items: readonly Item[];
    readonly next: string | null;
    readonly of?: Filter;
  }>({
    items: [],
    next: null,
  });
  const [isLoading, setLoading] = useState(true);
  const [problem, setProblem] = useState<string>();
  const [turn, setTurn] = useState(0);
  const newest = useRef(0);
  const load = async (cursor?: string) => {
    const number = (newest.current += 1);
    setLoading(true);
    try {
      const { items, next } = await journeys.list(filter, cursor);
      if (number !== newest.current) return;
      setState((before) => ({ items: cursor === undefined ? items : [...before.items, ...items], next, of: filter }));
      setProblem(undefined);
    } catch (error) {
      if (number === newest.current) setProblem(error instanceof Error ? error.message : String(error));
    }
    if (number === newest.current) setLoading(false);
  };
  useEffect(() => void load(), [filter, turn]);
  const { items, next, of } = state;
  const more = next === null ? undefined : () => void load(next);
  return {
    items: of === filter ? items : [],
    more,
    problem,
    isLoading: isLoading || of !== filter,
    again: () => setTurn(turn + 1),
  };
}
