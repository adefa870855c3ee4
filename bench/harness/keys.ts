import type { EncryptionKey } from '../../client/temporal/encryption-codec.ts';

/** A constant key: no data of the benchmark outlives a run. */
export const keys: readonly [EncryptionKey, ...EncryptionKey[]] = [{ id: 'bench', key: Buffer.alloc(32, 'bench') }];
