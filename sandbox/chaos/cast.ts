import { draw } from '../sfox/random.ts';
import { roles } from './roles.ts';
import type { Role } from './roles.ts';

/** Somebody who signs up: who, how, and what they do. */
export interface Part {
  readonly userId: string;
  readonly role: Role;
  /** By a sign-up event, or by the app's own call. */
  readonly entrance: 'event' | 'call';
  /** How often the event is delivered in all. */
  readonly deliveries: number;
}

/** As many people as wanted. The same seed gives the same; every role is among ten. */
export function cast(seed: number, journeys: number): Part[] {
  return Array.from({ length: journeys }, (_, nth) => {
    const chance = (what: string) => draw(seed, `${what}/${nth}`);
    const role = roles[nth] ?? byShare(chance('role') * 100);
    return {
      userId: `u${seed}-${String(nth + 1).padStart(4, '0')}.${role.name}`,
      role,
      entrance: chance('entrance') < 0.6 ? 'event' : 'call',
      deliveries: 1 + Math.floor(chance('deliveries') * 3),
    };
  });
}

function byShare(mark: number): Role {
  let sum = 0;
  const found = roles.find(({ share }) => (sum += share) > mark);
  if (found === undefined) throw new Error('the shares of all roles are not a hundred');
  return found;
}
