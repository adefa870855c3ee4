import type { EncryptionKey } from '../../client/encryption.ts';

/** Always the same: nothing that is kept here outlives a run. */
export const keys: readonly [EncryptionKey, ...EncryptionKey[]] = [{ id: 'bench', key: Buffer.alloc(32, 'bench') }];
