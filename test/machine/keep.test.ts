import { expect, it } from '@jest/globals';
import type { Handled } from '../../workflows/contract.ts';
import { keep, KEYS_KEPT } from '../../workflows/keep.ts';
import { begin } from '../../workflows/step.ts';
import { defaultPolicy } from '../../workflows/policy.ts';

it('lets the newest keys of requests travel on, and no more than fit', () => {
  const { journey } = begin({ userId: 'ada', accountType: 'individual', policy: defaultPolicy, at: 0 });
  const answered = { fingerprint: 'f'.repeat(43), nonce: 'n'.repeat(36) };
  const names = Array.from({ length: KEYS_KEPT + 10 }, (_, nth) => `key:${`${nth}`.padStart(43, '0')}`);
  const handled = Object.fromEntries<Handled[string]>(names.map((name) => [name, answered]));
  const kept = keep(journey, handled, false);
  expect(Object.keys(kept.handled)).toEqual(names.slice(10));
  // Encryption and base64 make a third more of it.
  expect(JSON.stringify(kept).length).toBeLessThan(1_500_000);
});
