import { expect, it } from '@jest/globals';
import { MAX_STORED_KEYS, newestCommands } from '../../workflows/engine/core/handled-commands.ts';
import type { HandledCommands } from '../../workflows/engine/core/handled-commands.ts';

it('keeps the newest idempotency keys across continue-as-new, and no more than fit', () => {
  const names = Array.from({ length: MAX_STORED_KEYS + 10 }, (_, nth) => `key:${`${nth}`.padStart(43, '0')}`);
  const answered = (key: string) => ({ key, fingerprint: 'f'.repeat(43), requestId: 'n'.repeat(36), result: null });
  const handled: HandledCommands = Object.fromEntries(names.map((name) => [name, answered(name)]));
  const remembered = newestCommands(handled);
  expect(Object.keys(remembered)).toEqual(names.slice(10));
  // Encryption and Base64 increase the size by a third.
  expect(JSON.stringify(remembered).length).toBeLessThan(1_500_000);
});
