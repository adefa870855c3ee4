import { draw } from '../sfox/random.ts';
import type { Call, Fault } from '../sfox/index.ts';

/** The share of requests that meet a fault. */
const SHARE = 0.3;

/** So many requests of a user to a call may meet one; those after them do not, so that every journey comes to its end. */
const EXPOSED = 6;

/** What befalls a request to any call. */
const ANYWHERE: readonly Fault[] = [
  { status: 401 },
  { status: 403 },
  { status: 429, retryAfter: 1 },
  { status: 429 },
  { status: 500 },
  { status: 502 },
  { status: 503 },
  { status: 504 },
  { status: 200, body: '{"data":', contentType: 'text/plain' },
  'html',
  'reset-before',
  'reset-after',
  { delay: 2_000 },
  // Not a promise: the simulator's own word for what comes after the wait.
  // oxlint-disable-next-line unicorn/no-thenable
  { delay: 2_000, then: 'reset-after' },
];

/** And what only some may say. */
const OF_CALL: { readonly [C in Asked]: readonly Fault[] } = {
  send: [{ status: 404 }, { status: 422, body: { error: 'Account is not eligible' } }, 'legacy-sms'],
  confirm: [{ status: 400, body: { error: 'Verification code expired' } }],
  read: [{ status: 404 }],
};

type Asked = Extract<Call, 'send' | 'confirm' | 'read'>;
export const asked = ['send', 'confirm', 'read'] as const satisfies readonly Asked[];

/** What befalls a user's first requests to a call, one each. The same seed gives the same. */
export function deal(seed: number, userId: string, call: Asked): Fault[] {
  const kinds = [...ANYWHERE, ...OF_CALL[call]];
  return Array.from({ length: EXPOSED }, (_, nth) => {
    const name = `${call}/${nth}/${userId}`;
    if (draw(seed, `chaos/${name}`) >= SHARE) return 'ok';
    return kinds[Math.floor(draw(seed, `kind/${name}`) * kinds.length)] ?? 'ok';
  });
}
