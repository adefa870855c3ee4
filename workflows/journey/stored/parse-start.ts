import { objectOf, oneOf, parseFlag, parseText } from '../../engine/core/parse-values.ts';
import type { Parser } from '../../engine/core/parse-values.ts';
import type { Signup, Successor } from '../../contract.ts';
import { accountTypes } from '../account-types.ts';
import { actorRoles } from '../actor.ts';
import { parseCarried } from './parse-carried.ts';
import { parsePolicy } from '../policy/parse-stored-policy.ts';

const restarted = objectOf(
  { by: objectOf({ role: oneOf(actorRoles), name: parseText }), reason: parseText },
  { carried: parseCarried, supersedes: parseText },
);

const required = { userId: parseText, accountType: oneOf(accountTypes), policy: parsePolicy };
const optional = { provider: parseText, restarted };

const signup = objectOf(required, { ...optional, notifyReceiver: parseFlag });

export const parseSuccessor: Parser<Successor> = objectOf(required, optional);

/**
 * Parses the start of a journey, which another release may have written.
 *
 * @throws UnreadableValue
 */
export function parseStart(stored: unknown): Signup {
  return signup(stored, 'start');
}
