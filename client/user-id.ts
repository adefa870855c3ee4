import { BadRequest } from './errors.ts';

const USER_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** What is wrong with a user id, the one that the partner shares with sFOX, and what would be right. */
export function wrongInUserId(userId: string): string | undefined {
  if (userId.includes('@')) return "a user id is not an address: give your own id of the user, without '@'";
  // In an address, the two mean another address.
  if (USER_ID.test(userId) && userId !== '.' && userId !== '..') return undefined;
  return 'a user id has 1 to 128 letters, digits, or any of . _ : -, and is neither . nor ..';
}

/** @throws BadRequest with what would be right */
export function checkUserId(userId: string): void {
  const wrong = wrongInUserId(userId);
  if (wrong !== undefined) throw new BadRequest('userId', wrong);
}
