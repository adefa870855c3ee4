import { draw } from '../../../sandbox/sfox/random.ts';
import { behaviours } from './behaviours.ts';
import type { Behaviour } from './behaviours.ts';

/** A user who signs up. */
export interface Participant {
  readonly userId: string;
  readonly behaviour: Behaviour;
  /** A sign-up event, or a call of the API. */
  readonly signsUpBy: 'event' | 'call';
  /** How often the event is delivered in total. */
  readonly eventDeliveries: number;
}

/** A seed always gives the same participants; the first ten have all behaviours. */
export function planParticipants(seed: number, journeys: number): Participant[] {
  return Array.from({ length: journeys }, (_, nth) => {
    const random = (name: string) => draw(seed, `${name}/${nth}`);
    const behaviour = behaviours[nth] ?? behaviourAt(random('role') * 100);
    return {
      userId: `u${seed}-${String(nth + 1).padStart(4, '0')}.${behaviour.name}`,
      behaviour,
      signsUpBy: random('entrance') < 0.6 ? 'event' : 'call',
      eventDeliveries: 1 + Math.floor(random('deliveries') * 3),
    };
  });
}

function behaviourAt(percentile: number): Behaviour {
  let sum = 0;
  const found = behaviours.find(({ percent }) => (sum += percent) > percentile);
  if (found === undefined) throw new Error('the percentages of all behaviours do not add up to 100');
  return found;
}
