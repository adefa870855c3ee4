import { parseFields, UnreadableValue } from '../../engine/core/parse-values.ts';
import type { Parser } from '../../engine/core/parse-values.ts';
import { parsePolicy } from './parse-stored-policy.ts';
import { defaultPolicy } from './policy.ts';
import type { Policy } from './policy.ts';

/** The content of a policy file, as JSON. */
export interface PolicyDocument {
  readonly [key: string]: unknown;
}

/**
 * The policy that an open journey can adopt. It has no `firstEmail`, since who mailed the first code does not change. `smsStart` is
 * absent if the policy file does not name it, since the sign-up may have set it.
 */
export type AdoptablePolicy = Omit<Policy, 'firstEmail' | 'smsStart'> & Partial<Pick<Policy, 'smsStart'>>;

/** Returns the policy of a journey that adopts another one. Quiet hours keep the time zone of the user. */
export function adoptedPolicy(own: Policy, { automaticSends, ...next }: AdoptablePolicy): Policy {
  const { notAfter, quietHours } = automaticSends;
  const offsets = own.automaticSends.quietHours?.offsets ?? quietHours?.offsets;
  return {
    ...own,
    ...next,
    automaticSends: {
      notAfter,
      quietHours: quietHours === null || offsets === undefined ? null : { ...quietHours, offsets },
    },
  };
}

/** Returns the part of a policy that open journeys can adopt. */
export function adoptablePolicy(
  { firstEmail: _firstEmail, ...policy }: Policy,
  namesSmsStart: boolean,
): AdoptablePolicy {
  const { smsStart, ...rest } = policy;
  return namesSmsStart ? { ...rest, smsStart } : rest;
}

/** Parses a policy that another release may have sent. A key that it did not know has its default. */
export const parseAdoptablePolicy: Parser<AdoptablePolicy> = (value, path) => {
  const fields = parseFields(value, path);
  const policy = parsePolicy({ ...fields, firstEmail: defaultPolicy.firstEmail }, path);
  return adoptablePolicy(policy, fields['smsStart'] !== undefined);
};

/** Reads a policy that another release may have stored. `undefined` if this release cannot read it. */
export function readAdoptablePolicy(value: unknown): AdoptablePolicy | undefined {
  try {
    return parseAdoptablePolicy(value, 'policy');
  } catch (error) {
    if (error instanceof UnreadableValue) return undefined;
    throw error;
  }
}
