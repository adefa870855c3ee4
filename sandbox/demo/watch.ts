import { setTimeout as pause } from 'node:timers/promises';
import { NotFound, Unavailable } from '../../client/errors.ts';
import type { Onward } from '../../client/onward.ts';
import type { TimelineItem } from '../../workflows/log.ts';
import type { Status } from '../../workflows/status.ts';
import type { Story } from './stories.ts';

/** What is seen of a story's user so far. */
export interface Sight {
  readonly story: Story;
  readonly userId: string;
  readonly status: Status | null;
  readonly happened: readonly TimelineItem[];
}

const POLL = 250;

/** Looks at a user through the same door as a product would, until the journey has ended or nobody watches any more. */
export async function watch(
  onward: Onward,
  sight: Sight,
  over: AbortSignal,
  seen: (sight: Sight) => void,
): Promise<void> {
  let last = sight;
  while (!over.aborted && (last.status === null || !hasEnded(last.status))) {
    const next = await look(onward, last);
    if (next !== last) seen(next);
    last = next;
    await pause(POLL);
  }
}

/** Looks once. Gives the same sight where nothing has changed, or nothing could be seen. */
async function look(onward: Onward, sight: Sight): Promise<Sight> {
  try {
    const status = await onward.status(sight.userId);
    if (status.revision === null || status.revision === sight.status?.revision) return sight;
    const happened = await onward.timeline(sight.userId);
    const { revision } = await onward.status(sight.userId);
    // Something happened between the two answers: they do not belong together.
    return revision === status.revision ? { ...sight, status, happened } : await look(onward, sight);
  } catch (error) {
    if (error instanceof NotFound || error instanceof Unavailable) return sight;
    throw error;
  }
}

/** Whether nothing more will happen. */
function hasEnded({ state }: Status): boolean {
  return state === 'done' || state === 'expired' || state === 'cancelled';
}
