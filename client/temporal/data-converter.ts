import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { createEncryptionCodec } from './encryption-codec.ts';
import type { EncryptionKey, EncryptionOptions } from './encryption-codec.ts';

/** Path of the failure converter, which is also part of the workflow bundle. */
export const failureConverterPath = fileURLToPath(new URL('failure-converter.cjs', import.meta.url));

/** Creates the data converter. Workers, clients and tests must use the same one. */
export function createDataConverter(
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
  options: EncryptionOptions = {},
): DataConverter {
  return { failureConverterPath, payloadCodecs: [createEncryptionCodec(keys, options)] };
}
