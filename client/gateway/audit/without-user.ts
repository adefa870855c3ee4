/**
 * Replaces the ids of users in a text by `***`. Ignores case: a text may spell an id otherwise than the policy's `userIds` does.
 *
 * @param userIds valid ids, of which only the dot means something in a regular expression
 */
export function withoutUsers(text: string, userIds: readonly string[]): string {
  const longestFirst = userIds.toSorted((a, b) => b.length - a.length);
  return longestFirst.reduce(
    (rest, userId) => rest.replaceAll(new RegExp(userId.replaceAll('.', String.raw`\.`), 'gi'), '***'),
    text,
  );
}
