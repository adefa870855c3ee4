import type { Channel } from '../../activities/contract.ts';
import type { Caller } from '../../client/ask.ts';
import type { Onward } from '../../client/onward.ts';
import type { Sfox } from '../../sandbox/sfox/index.ts';
import { DAY, defaultPolicy, SECOND } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';

const app: Caller = { role: 'app', name: 'bench' };
const operator: Caller = { role: 'operator', name: 'bench' };

/** What a story is told with. */
export interface Cast {
  readonly userId: string;
  readonly onward: Onward;
  readonly sfox: Sfox;
  /** Waits until the journey has nothing more to do of its own accord, without asking it. */
  readonly rests: () => Promise<void>;
}

export interface Story {
  readonly name: string;
  /** Behind the user id: what the simulator makes of the user. */
  readonly labels?: string;
  readonly policy?: Partial<Policy>;
  readonly tell: (cast: Cast) => Promise<unknown>;
}

/** What happens to users, from the sign-up on, each told with real parts. */
export const stories: readonly Story[] = [
  {
    name: 'happy path',
    tell: async (cast) => {
      await enter(cast, 'email');
      await enter(cast, 'sms');
    },
  },
  {
    name: 'happy path of a business',
    labels: '.business',
    tell: (cast) => enter(cast, 'email'),
  },
  {
    name: 'with a wrong code',
    tell: async (cast) => {
      await enter(cast, 'email', otherThan);
      await enter(cast, 'email');
      await enter(cast, 'sms');
    },
  },
  {
    name: 'with a refused command',
    tell: async (cast) => {
      await cast.onward.resend(cast.userId, {}, app).catch(() => {});
      await enter(cast, 'email');
      await enter(cast, 'sms');
    },
  },
  {
    name: '422 on both channels',
    labels: '.both-verified',
    tell: async () => {},
  },
  {
    name: 'with a resend',
    policy: { cooldowns: [0] },
    tell: async (cast) => {
      await cast.onward.resend(cast.userId, {}, app);
      await cast.rests();
      await enter(cast, 'email');
      await enter(cast, 'sms');
    },
  },
  {
    name: 'stalled, and retried by an operator',
    labels: '.rate-limited',
    policy: { cooldowns: [0], retrySendFor: 0 },
    tell: async (cast) => {
      await cast.onward.retry(cast.userId, { reason: 'the provider is back' }, operator);
      await cast.rests();
      await enter(cast, 'email');
      await enter(cast, 'sms');
    },
  },
  {
    name: 'expired',
    policy: { journeyLife: 2 * SECOND, reminderAfter: DAY },
    tell: async () => {},
  },
];

export const policyOf = ({ policy }: Story): Policy => ({ ...defaultPolicy, ...policy });

const asItIs = (code: string) => code;
const otherThan = (code: string) => (code === '0000' ? '1111' : '0000');

async function enter({ userId, onward, sfox, rests }: Cast, channel: Channel, as = asItIs): Promise<void> {
  const code = sfox.outbox(userId).findLast((mail) => mail.channel === channel)?.code ?? '';
  await onward.submitCode(userId, { channel, code: as(code) }, app);
  await rests();
}
