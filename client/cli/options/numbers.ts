import { InvalidArgumentError } from 'commander';

/** Parses an option value as a positive integer. */
export function parsePositiveInteger(given: string): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new InvalidArgumentError('it must be a whole number of at least 1.');
}

/** Parses an option value as a positive number, which may be below 1. */
export function parsePositiveNumber(given: string): number {
  if (/^\d{1,9}(\.\d{1,9})?$/.test(given) && Number(given) > 0) return Number(given);
  throw new InvalidArgumentError('it must be a number above 0.');
}
