import { objectOf, oneOf, parseText } from '../../engine/core/parse-values.ts';
import type { Parser } from '../../engine/core/parse-values.ts';
import { actorRoles } from '../actor.ts';
import type { Actor } from '../actor.ts';
import type { OperatorAction } from '../events.ts';

export const parseActor: Parser<Actor> = objectOf({ role: oneOf(actorRoles), name: parseText });

export const parseOperatorAction: Parser<OperatorAction> = objectOf({
  at: parseText,
  by: parseActor,
  reason: parseText,
});
