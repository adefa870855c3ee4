import { useLayoutEffect, useState } from 'preact/hooks';

/** The result of an action, with a link to it. */
export interface Notice {
  readonly text: string;
  readonly link?: { readonly href: string; readonly label: string };
}

interface ShownNotice extends Notice {
  readonly id: number;
}

const SHOWN_FOR_MS = 12_000;

let shown: readonly ShownNotice[] = [];
let last = 0;
const listeners = new Set<(notices: readonly ShownNotice[]) => void>();

function show(notices: readonly ShownNotice[]): void {
  shown = notices;
  for (const listener of listeners) listener(shown);
}

/** Shows a notice for a while. It is also in the timeline or the list that it links to. */
export function notify(notice: Notice): void {
  const id = (last += 1);
  show([...shown, { ...notice, id }]);
  setTimeout(() => dismiss(id), SHOWN_FOR_MS);
}

export function dismiss(id: number): void {
  show(shown.filter((notice) => notice.id !== id));
}

export function useNotices(): readonly ShownNotice[] {
  const [notices, setNotices] = useState(shown);
  useLayoutEffect(() => {
    listeners.add(setNotices);
    return () => void listeners.delete(setNotices);
  }, []);
  return notices;
}
