import { useEffect, useState } from 'preact/hooks';
import { useLoaded } from './live.js';

const REFRESH_INTERVAL_MS = 1_000;
/** The states in which a report still changes. */
const openStates: ReadonlySet<string> = new Set(['awaitingApproval', 'running', 'waiting', 'stopping']);

interface Report {
  readonly state: string;
  readonly next: string | null;
}

/**
 * Loads a page of the report of a bulk operation, a reconciliation or a what-if, again every second while it runs.
 *
 * @param read returns the page of a cursor; without one, the first page
 */
export function useReport<R extends Report>(id: string, read: (cursor: string | undefined) => Promise<R>) {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const { value, problem, again } = useLoaded(() => read(cursors.at(-1)), [id, cursors]);
  const isRunning = value !== undefined && openStates.has(value.state);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(again, REFRESH_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  const next = value?.next ?? null;
  const pages = {
    showPrevious: cursors.length === 0 ? undefined : () => setCursors(cursors.slice(0, -1)),
    showNext: next === null ? undefined : () => setCursors([...cursors, next]),
  };
  return { report: value, problem, again, pages };
}
