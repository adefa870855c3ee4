import type { Client } from '@temporalio/client';
import { Directory } from '../directory.ts';
import { Stuckness } from '../stuck.ts';
import type { StuckKind } from '../stuck.ts';
import { bad, good } from './check.ts';
import type { Check } from './check.ts';
import { look } from './server.ts';

/** What is wrong in itself; the rest waits for its time, its user or an operator, and that no worker polls is a check of its own. */
const mends: { readonly [K in StuckKind]?: string } = {
  codeError: 'deploy the version before; the journeys go on from where they are',
  credentials: 'correct ENTERPRISE_API_KEY of the workers and start them anew',
  providerAway: 'wait until sFOX is back: recovery tries one canary, then the others (onward recovery status)',
  providerRefuses: 'read why (onward list --reason providerRefused), mend it at sFOX, then onward retry',
};

/** Whether journeys are stuck, and why. */
export function checkJourneys(client: Client, taskQueue: string): Promise<Check> {
  return look(client, 'journeys', async () => {
    const stuck = await new Stuckness({ client, taskQueue }).of(await new Directory(client).counts());
    const so = stuck.filter(({ kind, words }) => words !== null && kind !== 'noWorker');
    const isPolled = stuck.every(({ kind, words }) => kind !== 'noWorker' || words === null);
    const none = isPolled ? 'nobody is stuck' : 'none is stalled, locked or paused';
    const found = so.length === 0 ? none : so.map(({ words }) => words).join('; ');
    const mend = so.flatMap(({ kind }) => mends[kind] ?? []).join('; ');
    return mend === '' ? good('journeys', found) : bad('journeys', found, mend);
  });
}
