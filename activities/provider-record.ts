import type { ProviderRecord } from './contract.ts';

const MAX_OPEN = 20;
const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;

/** Whether a text is an identifier, such as `PENDING` or `proof_of_address`. Anything else could be contact data. */
export const isIdentifier = (text: string) => IDENTIFIER.test(text);

/** Removes from a record what may not be passed on: all that is not an identifier, and requirements beyond the first 20. */
export function cleanProviderRecord({ status, isSupported, open }: ProviderRecord): ProviderRecord {
  return {
    status: status !== null && isIdentifier(status) ? status : null,
    isSupported,
    open: open.filter(isIdentifier).slice(0, MAX_OPEN),
  };
}
