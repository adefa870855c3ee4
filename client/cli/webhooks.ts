import type { Command } from 'commander';
import { answer, door, familyWord, word } from './desk.ts';
import type { Desk } from './desk.ts';
import { pageOf, paged, tellNext } from './paging.ts';
import type { PageGiven } from './paging.ts';
import { moment } from './tell.ts';

interface Given {
  readonly json?: boolean;
}

/** Changes of status that the receiver has not taken. */
export function addWebhooks(program: Command, desk: Desk): void {
  const does = 'Lists the changes of status that were not delivered, or sends one again';
  const family = paged(familyWord(program, 'webhooks', does, 'webhooks --limit 20'));
  family.action(async ({ json = false, ...page }: Given & PageGiven) => {
    answer(desk, { json }, await door(desk, 'viewer').webhooks(pageOf(page)), ({ items, next }) => {
      const rows = items.map(({ id, userId, revision, state, attempts, nextAttemptAt, problem }) => [
        id,
        userId,
        String(revision),
        state,
        String(attempts),
        nextAttemptAt === null ? '' : moment(desk, nextAttemptAt),
        problem ?? '',
      ]);
      desk.out.table(['webhook-id', 'user', 'revision', 'state', 'tries', 'next try', 'problem'], rows);
      tellNext(desk, next);
    });
  });
  word(family, 'resend', 'Sends a change of status out again, at once', 'webhooks resend msg_2f')
    .argument('<id>', 'its webhook-id')
    .action(async (id: string, options: Given) => {
      const sent = await door(desk, 'operator').resendWebhook(id);
      answer(desk, options, sent, () => desk.out.say(`${sent.id} is being sent again`));
    });
}
