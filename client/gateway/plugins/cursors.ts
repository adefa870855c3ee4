import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { BadRequest } from '../../errors.ts';
import type { EncryptionKey } from '../../temporal/encryption-codec.ts';
import { isObject } from '../../validation.ts';

const MAC_BYTES = 16;

/**
 * Authenticates the cursors of every page, so that Temporal sees only page tokens that it has issued for the same list: it answers
 * others with an internal error. The key is derived from the encryption keys, which all gateways share.
 */
export function authenticateCursors(app: FastifyInstance, encryptionKeys: readonly EncryptionKey[]): void {
  const keys = encryptionKeys.map(({ key }) => Buffer.from(hkdfSync('sha256', key, '', 'onward cursor', 32)));
  app.addHook('preHandler', async ({ query, routeOptions }) => {
    if (isObject(query) && typeof query['cursor'] === 'string') {
      query['cursor'] = open(query['cursor'], routeOptions.url ?? '', keys);
    }
  });
  app.addHook('preSerialization', async ({ routeOptions }, _reply, payload) => {
    if (!isObject(payload) || typeof payload['next'] !== 'string') return payload;
    const [newest] = keys;
    return newest === undefined ? payload : { ...payload, next: seal(payload['next'], routeOptions.url ?? '', newest) };
  });
}

function macOf(cursor: string, route: string, key: Buffer): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([route, cursor]))
    .digest()
    .subarray(0, MAC_BYTES);
}

function seal(cursor: string, route: string, key: Buffer): string {
  return Buffer.concat([macOf(cursor, route, key), Buffer.from(cursor)]).toString('base64url');
}

function open(sealed: string, route: string, keys: readonly Buffer[]): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const mac = bytes.subarray(0, MAC_BYTES);
  const cursor = bytes.subarray(MAC_BYTES).toString();
  if (mac.length === MAC_BYTES && keys.some((key) => timingSafeEqual(macOf(cursor, route, key), mac))) return cursor;
  throw new BadRequest('cursor', "cursor must be the 'next' of a page of the same list");
}
