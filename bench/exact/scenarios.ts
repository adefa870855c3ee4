import type { Channel } from '../../activities/contract.ts';
import type { Caller } from '../../client/journeys/idempotent-update.ts';
import type { Onward } from '../../client/onward.ts';
import type { Sfox } from '../../sandbox/sfox/index.ts';
import { DAY, defaultPolicy, SECOND } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';

const app: Caller = { role: 'app', name: 'bench' };
const operator: Caller = { role: 'operator', name: 'bench' };

/** What a scenario acts on. */
export interface ScenarioContext {
  readonly userId: string;
  readonly onward: Onward;
  readonly sfox: Sfox;
  /** Waits until the journey has no pending workflow task or activity, without a query. */
  readonly waitUntilIdle: () => Promise<void>;
}

export interface Scenario {
  readonly name: string;
  /** The labels in the user id, which decide how the simulator treats the user. */
  readonly labels?: string;
  readonly policy?: Partial<Policy>;
  readonly run: (context: ScenarioContext) => Promise<unknown>;
}

/** The scenarios, each on real components, from the sign-up on. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'happy path',
    run: async (context) => {
      await submitNewestCode(context, 'email');
      await submitNewestCode(context, 'sms');
    },
  },
  {
    name: 'happy path of a business',
    labels: '.business',
    run: (context) => submitNewestCode(context, 'email'),
  },
  {
    name: 'with a wrong code',
    run: async (context) => {
      await submitNewestCode(context, 'email', toWrongCode);
      await submitNewestCode(context, 'email');
      await submitNewestCode(context, 'sms');
    },
  },
  {
    name: 'with a refused command',
    run: async (context) => {
      await context.onward.resend(context.userId, {}, app).catch(() => {});
      await submitNewestCode(context, 'email');
      await submitNewestCode(context, 'sms');
    },
  },
  {
    name: '422 on both channels',
    labels: '.both-verified',
    run: async () => {},
  },
  {
    name: 'with a resend',
    policy: { cooldowns: [0] },
    run: async (context) => {
      await context.onward.resend(context.userId, {}, app);
      await context.waitUntilIdle();
      await submitNewestCode(context, 'email');
      await submitNewestCode(context, 'sms');
    },
  },
  {
    name: 'stalled, and retried by an operator',
    labels: '.rate-limited',
    policy: { cooldowns: [0], retrySendFor: 0 },
    run: async (context) => {
      await context.onward.retry(context.userId, { reason: 'the provider is back' }, operator);
      await context.waitUntilIdle();
      await submitNewestCode(context, 'email');
      await submitNewestCode(context, 'sms');
    },
  },
  {
    name: 'expired',
    policy: { journeyLife: 2 * SECOND, reminderAfter: DAY },
    run: async () => {},
  },
];

export const buildPolicy = ({ policy }: Scenario): Policy => ({ ...defaultPolicy, ...policy });

const unchanged = (code: string) => code;
const toWrongCode = (code: string) => (code === '0000' ? '1111' : '0000');

async function submitNewestCode(
  { userId, onward, sfox, waitUntilIdle }: ScenarioContext,
  channel: Channel,
  as = unchanged,
): Promise<void> {
  const code = sfox.outbox(userId).findLast((mail) => mail.channel === channel)?.code ?? '';
  await onward.submitCode(userId, { channel, code: as(code) }, app);
  await waitUntilIdle();
}
