import { alarmEntry, eventEntry, timelineOf } from '../../workflows/log.ts';
import type { LogEntry } from '../../workflows/log.ts';
import type { Effect } from '../../workflows/step.ts';
import { NOW, timeOf } from './canonical.ts';
import type { Place } from './place.ts';
import type { Space } from './space.ts';
import type { Change } from './take.ts';

/** The shortest way to a place, in the words of the timeline. */
export function wayTo(space: Space, name: string): string[] {
  const { places, origins } = space;
  const { from, change } = origins.get(name) ?? {};
  if (from === undefined || change === undefined) return [];
  const before = places.get(from);
  if (before !== undefined) return [...wayTo(space, from), wordsOf(before, change.move)];
  const isMailed = places.get(name)?.journey.snapshot.context.policy.firstEmail === 'alreadySent';
  return [isMailed ? 'Started, the provider having mailed a first code' : 'Started'];
}

/** A move in plain words. */
export function wordsOf({ journey }: Place, move: Change['move']): string {
  const { context } = journey.snapshot;
  switch (move.kind) {
    case 'start':
      return 'Started';
    case 'restart':
      return 'Started again';
    case 'time': {
      const at = move.send === 'start' ? context.startedAt : context.ledger[move.send]?.at;
      if (at === timeOf.cooling) return 'The cool-down ended';
      return at === timeOf.tenMinutes ? 'Ten minutes passed' : 'A day passed';
    }
    case 'alarm': {
      const event = journey.timers.find(({ id }) => id === move.id)?.event ?? '';
      return saidOf(alarmEntry(event, NOW, context));
    }
    case 'command':
    case 'answer':
      return saidOf({ ...eventEntry({ ...move.event, at: NOW }, context), detail: null });
  }
}

/** A line of the timeline, without the detail that it leaves room for. */
const saidOf = (entry: LogEntry) => (timelineOf([entry])[0]?.what ?? '').replace(/: $/, '');

/** What the machine wanted done, in plain words. */
export function wanted(effects: readonly Effect[]): string {
  const said = effects.map((effect) => {
    if (effect.type === 'send') return `an ${effect.channel === 'email' ? 'e-mail' : 'sms'} code is asked for`;
    if (effect.type === 'confirm') return 'the provider is asked whether it is right';
    return effect.type === 'readUser' ? 'the record is read' : 'the send is stopped';
  });
  return said.length === 0 ? 'nothing is asked for' : said.join(', ');
}
