import pc from 'picocolors';
import type { State, Status } from '../../workflows/status.ts';
import { road } from './picture.ts';

/** The way as a line of dots, one for each state: behind, here, ahead. */
export function progress(status: Status | null): string {
  const here = status === null ? -1 : placeOf(status);
  const left = status !== null && !road.includes(status.state);
  return road.map((_, at) => dot(at - here, here === road.length - 1, left)).join(pc.dim('─'));
}

/** Where a journey stands, or stood when it left the way. */
function placeOf({ state, email }: Status): number {
  const at = road.indexOf(state);
  if (at >= 0) return at;
  const last: State = email?.status === 'verified' ? 'smsPending' : 'emailPending';
  return road.indexOf(last);
}

function dot(distance: number, arrived: boolean, left: boolean): string {
  if (distance < 0 || (distance === 0 && arrived)) return pc.green('●');
  if (distance > 0) return pc.dim('○');
  return left ? pc.red('✕') : pc.yellow('◉');
}
