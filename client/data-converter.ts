import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { createEncryption } from './encryption.ts';
import type { EncryptionKey } from './encryption.ts';

/** The path of the failure converter, which the workflow bundle holds too. */
export const failureConverterPath = fileURLToPath(new URL('failure-converter.cjs', import.meta.url));

/** How everything that Temporal keeps is written: worker, clients and tests must agree on it. */
export function createDataConverter(keys: readonly [EncryptionKey, ...EncryptionKey[]]): DataConverter {
  return { failureConverterPath, payloadCodecs: [createEncryption(keys)] };
}
