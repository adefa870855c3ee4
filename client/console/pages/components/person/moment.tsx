import type { Status } from 'onward/client';
import { boxOf, StateDiagram } from '../state-diagram.js';
import { Empty, PositionBadge } from '../ui.js';
import { visitedIn } from '../../model/visited-path.js';
import { Limits } from './limits.js';
import { Scrubber } from './timeline.js';
import type { MomentProps } from './timeline.js';

/** The journey at one moment, the present or a past one: its limits, and its path in the machine. */
export function Moment({ id, status, items, at, choose }: MomentProps & { id: string; status: Status }) {
  const isPast = at < items.length - 1;
  const shown = isPast ? (items[at]?.status ?? null) : status;
  return (
    <section class="card moment" aria-label="Limits and path">
      <header>
        <h2>{isPast ? 'At that time' : 'Now'}</h2>
        {shown !== null && <PositionBadge state={shown.state} step={shown.step} />}
      </header>
      <Scrubber id={id} items={items} at={at} choose={choose} isPast={isPast} />
      {shown === null ? (
        <Empty title="The status at that time is not known.">
          The log covers the journey’s latest start only, and the log of a very long journey has a gap.
        </Empty>
      ) : (
        <Limits status={shown} then={isPast ? items[at]?.at : undefined} />
      )}
      <StateDiagram
        label="Path so far"
        visited={visitedIn(items, at)}
        here={shown === null ? undefined : boxOf(shown.state, shown.step)}
      />
    </section>
  );
}
