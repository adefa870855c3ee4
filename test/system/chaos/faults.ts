import { draw } from '../../../sandbox/sfox/random.ts';
import type { Call, Fault } from '../../../sandbox/sfox/index.ts';

/** The share of requests that get a fault. */
const FAULT_RATE = 0.3;

/** Only a user's first requests of each call get faults, so that every journey can complete. */
const MAX_FAULTY_REQUESTS = 6;

/** Faults that any call may get. */
const COMMON_FAULTS: readonly Fault[] = [
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
  // Not a promise: the simulator's field for the fault after the delay.
  // oxlint-disable-next-line unicorn/no-thenable
  { delay: 2_000, then: 'reset-after' },
];

/** Faults that only one call may get. */
const FAULTS_BY_CALL: { readonly [C in FaultyCall]: readonly Fault[] } = {
  send: [{ status: 404 }, { status: 422, body: { error: 'Account is not eligible' } }, 'legacy-sms'],
  confirm: [{ status: 400, body: { error: 'Verification code expired' } }],
  read: [{ status: 404 }],
};

type FaultyCall = Extract<Call, 'send' | 'confirm' | 'read'>;
export const faultyCalls = ['send', 'confirm', 'read'] as const satisfies readonly FaultyCall[];

/** The faults of a user's first requests of a call, in order. A seed always gives the same ones. */
export function planFaults(seed: number, userId: string, call: FaultyCall): Fault[] {
  const possibleFaults = [...COMMON_FAULTS, ...FAULTS_BY_CALL[call]];
  return Array.from({ length: MAX_FAULTY_REQUESTS }, (_, nth) => {
    const label = `${call}/${nth}/${userId}`;
    if (draw(seed, `chaos/${label}`) >= FAULT_RATE) return 'ok';
    return possibleFaults[Math.floor(draw(seed, `kind/${label}`) * possibleFaults.length)] ?? 'ok';
  });
}
