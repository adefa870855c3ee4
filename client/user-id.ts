import { BadRequest } from './errors.ts';

const USER_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Checks a user id, the one that the partner shares with sFOX.
 *
 * @throws BadRequest with what would be right
 */
export function checkUserId(userId: string): void {
  if (userId.includes('@')) {
    throw new BadRequest('userId', "a user id is not an address: give your own id of the user, without '@'");
  }
  if (!USER_ID.test(userId) || userId === '.' || userId === '..') {
    throw new BadRequest('userId', 'a user id has 1 to 128 letters, digits, or any of . _ : -');
  }
}
