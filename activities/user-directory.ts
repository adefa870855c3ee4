import type { ListedUser } from './contract.ts';

/** The provider's list of users. Not in `contract.ts`, since workflow code has no `AbortSignal`. */
export interface UserDirectory {
  /**
   * Reads the provider's list of all users as a stream, and resolves once the list is complete. A list that ends early is an error.
   * Throws every `FailureType`.
   *
   * @param onUser called for each user; with `null` for one whose id cannot be read
   */
  listUsers(onUser: (user: ListedUser | null) => void, signal: AbortSignal): Promise<void>;
}
