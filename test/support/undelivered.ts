import { startDelivery } from '../../client/webhooks/webhooks.ts';
import { unknownFields } from '../../workflows/journey/status/status-schema.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import type { TestReceiver } from './receiver.ts';
import { uniqueUserId, waitUntil } from './stack.ts';
import type { Stack } from './stack.ts';

export const receiverSecret = `whsec_${Buffer.from('a secret of status changes').toString('base64')}`;

/** A status change as of a journey that has just begun. */
export const inventStatus = (userId: string): Status => ({
  ...unknownFields,
  userId,
  accountType: 'individual',
  state: 'emailPending',
  step: 'sending',
  revision: 1,
  live: true,
  startedAt: new Date().toISOString(),
  allowed: {},
});

/** Gives up the delivery of one status change for each of so many users, and waits until all of them are listed. */
export async function giveUp(
  { client, onward, taskQueue }: Pick<Stack, 'client' | 'onward' | 'taskQueue'>,
  receiver: TestReceiver,
  count: number,
): Promise<string[]> {
  const users = Array.from({ length: count }, (_, nth) => uniqueUserId(`undelivered${nth}`));
  receiver.answer(410);
  await Promise.all(users.map((userId) => startDelivery(client, inventStatus(userId), { taskQueue })));
  await waitUntil(async () => (await givenUp(onward, users)).length === count, 'all of them are given up');
  return users;
}

/** Those of the users with a status change that was given up. */
export async function givenUp(onward: Stack['onward'], users: readonly string[]): Promise<string[]> {
  const { items } = await onward.webhooks.list(200);
  return items.filter(({ state, userId }) => state === 'givenUp' && users.includes(userId)).map(({ userId }) => userId);
}

/** How often the receiver was sent a status change of a user. */
export const sendsTo = ({ received }: TestReceiver, userId: string): number =>
  received.filter(({ body }) => (JSON.parse(body) as { data: Status }).data.userId === userId).length;
