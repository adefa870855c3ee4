import type { Allowed, Status } from '../../workflows/status.ts';
import type { CommandType } from '../../workflows/events.ts';
import type { TimelineItem } from '../../workflows/log.ts';
import type { Role } from './tokens.ts';

/** Who may tell a journey what. */
export const commandRoles: { readonly [C in CommandType]: readonly Role[] } = {
  submitCode: ['app'],
  resend: ['app', 'operator'],
  recheck: ['app', 'operator'],
  retry: ['operator'],
  pause: ['operator'],
  resume: ['operator'],
  cancel: ['operator'],
  override: ['operator'],
};

/** What of it a role may do. */
export function allowedTo(allowed: Allowed, role: Role | undefined): Allowed {
  const mine = Object.entries(allowed).filter(
    ([type]) => role !== undefined && commandRoles[type as CommandType].includes(role),
  );
  return Object.fromEntries(mine);
}

/** A status as a role sees it. */
export function statusTo<S extends Status>(status: S, role: Role | undefined): S {
  return { ...status, allowed: status.allowed === null ? null : allowedTo(status.allowed, role) };
}

/** A product's backend sees what happened; who of the operators did it, and why, is theirs. */
export function timelineTo<I extends TimelineItem>(items: readonly I[], role: Role | undefined): I[] {
  return items.map((item) => {
    const ours = role === 'app' && item.by !== null && !item.by.startsWith('app ');
    return ours ? { ...item, by: null, reason: null } : { ...item };
  });
}
