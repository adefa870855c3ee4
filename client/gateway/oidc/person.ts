import { createHash } from 'node:crypto';
import type { IDToken } from 'openid-client';
import type { OidcSettings, PersonRole } from '../../config/oidc-settings.ts';
import { isHolderName } from '../plugins/tokens.ts';
import { valueAt } from '../signup-events/event-values.ts';

/** A person who has logged in by OpenID Connect. */
export interface Person {
  readonly role: PersonRole;
  readonly name: string;
  /** A pseudonym, derived from the issuer and the subject. */
  readonly personId: string;
}

const PERSON_ID_LENGTH = 32;
const SHORT_ID_LENGTH = 12;

/**
 * Reads a person from the claims of a validated ID token.
 *
 * @returns the person, or a sentence for the person that says why they have no role
 */
export function personOf(claims: IDToken, settings: OidcSettings): Person | { readonly refusal: string } {
  const role = roleOf(claims, settings);
  if (typeof role === 'object') return role;
  const personId = createHash('sha256')
    .update(JSON.stringify([claims.iss, claims.sub]))
    .digest('hex');
  return { role, name: nameOf(claims, settings, personId), personId: personId.slice(0, PERSON_ID_LENGTH) };
}

function roleOf(claims: IDToken, { roleClaim, roles }: OidcSettings): PersonRole | { readonly refusal: string } {
  const claim = claimAt(claims, roleClaim);
  if (claim === undefined) {
    const advice = 'Have the provider put it into the ID token, and name its scope in ONWARD_OIDC_SCOPE.';
    return { refusal: `The ID token has no claim '${roleClaim}'. ${advice}` };
  }
  const values = Array.isArray(claim) ? claim : [claim];
  const found = new Set(values.map((value) => (typeof value === 'string' ? roles.get(value) : undefined)));
  if (found.has('operator')) return 'operator';
  if (found.has('viewer')) return 'viewer';
  const expected = [...roles.keys()].map((value) => `'${value}'`).join(', ');
  return { refusal: `The claim '${roleClaim}' of your ID token has none of the values with a role here: ${expected}.` };
}

/**
 * Returns the name for the audit log and the timelines: the claim if it has the form of a holder's name, otherwise the subject if that has
 * it, otherwise the beginning of the person id. An e-mail address does not have the form.
 */
function nameOf(claims: IDToken, { nameClaim }: OidcSettings, personId: string): string {
  const names = [claimAt(claims, nameClaim), claims.sub];
  const name = names.find((value): value is string => typeof value === 'string' && isHolderName(value));
  return name ?? `person-${personId.slice(0, SHORT_ID_LENGTH)}`;
}

/** Names of claims may contain dots and slashes, as those of Auth0 do. Only a leading slash makes a JSON pointer. */
function claimAt(claims: IDToken, name: string): unknown {
  if (name.startsWith('/')) return valueAt(claims, name);
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}
