import pc from 'picocolors';
import type { State, Status } from '../../workflows/journey/status/status.ts';
import { longestPath } from './machine-diagram.ts';

/** Draws the path of states as a line of dots: completed, current, and later states. */
export function progress(status: Status | null): string {
  const here = status === null ? -1 : indexOf(status);
  const left = status !== null && !longestPath.includes(status.state);
  return longestPath.map((_, at) => dot(at - here, here === longestPath.length - 1, left)).join(pc.dim('─'));
}

/** Returns the position of a journey on the path, or the position at which it left the path. */
function indexOf({ state, email }: Status): number {
  const at = longestPath.indexOf(state);
  if (at >= 0) return at;
  const last: State = email?.status === 'verified' ? 'smsPending' : 'emailPending';
  return longestPath.indexOf(last);
}

function dot(distance: number, hasArrived: boolean, hasLeft: boolean): string {
  if (distance < 0 || (distance === 0 && hasArrived)) return pc.green('●');
  if (distance > 0) return pc.dim('○');
  return hasLeft ? pc.red('✕') : pc.yellow('◉');
}
