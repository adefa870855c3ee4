import { eventEntry, timelineOf } from '../../workflows/journey/status/timeline.ts';
import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import type { JourneyEvent } from '../../workflows/journey/events.ts';
import type { Effect } from '../../workflows/journey/transition.ts';
import { NOW, timeOf } from './canonical-state.ts';
import type { ExploredState } from './state.ts';
import type { Space } from './state-space.ts';
import type { Change } from './apply-input.ts';

/** The shortest path to a state, in the words of the timeline. */
export function pathTo(space: Space, name: string): string[] {
  const { states, origins } = space;
  const { from, change } = origins.get(name) ?? {};
  if (from === undefined || change === undefined) return [];
  const before = states.get(from);
  if (before !== undefined) return [...pathTo(space, from), describeMove(before, change.move)];
  const isMailed = states.get(name)?.journey.snapshot.context.policy.firstEmail === 'alreadySent';
  return [isMailed ? 'Started after the provider had mailed a first code' : 'Started'];
}

/** A move in plain words. */
export function describeMove({ journey }: ExploredState, move: Change['move']): string {
  const { context } = journey.snapshot;
  switch (move.kind) {
    case 'start':
      return 'Started';
    case 'restart':
      return 'Restarted';
    case 'time': {
      if (move.send === 'guesses') return 'A day passed';
      const at = move.send === 'start' ? context.startedAt : context.ledger[move.send]?.at;
      if (at === timeOf.cooling) return 'The cool-down ended';
      return at === timeOf.tenMinutes ? 'Ten minutes passed' : 'A day passed';
    }
    case 'alarm': {
      const event = journey.timers.find(({ id }) => id === move.id)?.event.type ?? '';
      return timelineText(eventEntry({ type: event, at: NOW } as unknown as JourneyEvent, NOW, context));
    }
    case 'command':
    case 'answer':
      return timelineText(withoutDetail(eventEntry({ ...move.event, at: NOW }, NOW, context)));
  }
}

/** An entry of the timeline without its detail. */
const timelineText = (entry: LogEntry) => (timelineOf([entry])[0]?.what ?? '').replace(/: $/, '');

const withoutDetail = (entry: LogEntry): LogEntry => ('detail' in entry ? { ...entry, detail: '' } : entry);

/** The effects that the machine requested, in plain words. */
export function describeEffects(effects: readonly Effect[]): string {
  const descriptions = effects.map((effect) => {
    if (effect.type === 'send') return `the ${effect.channel === 'email' ? 'e-mail' : 'SMS'} code is requested`;
    if (effect.type === 'confirm') return 'the provider is asked to check it';
    return effect.type === 'readUser' ? 'the record is read' : 'the send is stopped';
  });
  return descriptions.length === 0 ? 'nothing is requested' : descriptions.join(', ');
}
