import { commandFacts } from '../commands.ts';
import type { CommandType } from '../commands.ts';
import type { Role } from '../roles.ts';
import type { Allowed, Status } from './status.ts';
import type { TimelineItem } from './timeline.ts';

/** Returns what a role may do of what the journey allows. */
export function allowedForRole(allowed: Allowed, role: Role | undefined): Allowed {
  const isMine = (type: string) => commandFacts(type as CommandType).roles.some((each) => each === role);
  return Object.fromEntries(Object.entries(allowed).filter(([type]) => isMine(type)));
}

/** A status as a role sees it. */
export function statusForRole<S extends Status>(status: S, role: Role | undefined): S {
  return { ...status, allowed: status.allowed === null ? null : allowedForRole(status.allowed, role) };
}

/** A product's backend sees what happened, but not which operator did it, or why. */
export function timelineForRole<I extends TimelineItem>(items: readonly I[], role: Role | undefined): I[] {
  return items.map((item) => {
    const ours = role === 'app' && item.by !== null && !item.by.startsWith('app ');
    return ours ? { ...item, by: null, reason: null } : { ...item };
  });
}
