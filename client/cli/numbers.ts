import { InvalidArgumentError } from 'commander';

/** A count that was given to an option. */
export function atLeastOne(given: string): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new InvalidArgumentError('it is a number, 1 at least.');
}

/** A pace that was given to an option; it may be below one. */
export function aboveZero(given: string): number {
  if (/^\d{1,9}(\.\d{1,9})?$/.test(given) && Number(given) > 0) return Number(given);
  throw new InvalidArgumentError('it is a number above 0.');
}
