import { KEY_BYTES, keyPairOf, retiredKeyOf } from '../receipts/keys.ts';
import type { ReceiptKey } from '../receipts/keys.ts';
import { readVariable, settingError } from './env.ts';
import type { Environment } from './env.ts';
import { readEach } from './setting-error.ts';
import { decodeBase64 } from './setting-formats.ts';

/** Marks a key of which only the public part is left: `id:public:base64`. */
const PUBLIC = 'public';

const wrong = (problem: string) => settingError('ONWARD_RECEIPT_KEYS', problem);

/**
 * Reads the Ed25519 keys of receipts, the one that signs first: `id:base64`, separated by spaces or line breaks. `id:public:base64`
 * is a retired key. Without the variable there are no receipts, and the list is empty.
 */
export function receiptKeys(env: Environment): ReceiptKey[] {
  const text = readVariable(env, 'ONWARD_RECEIPT_KEYS', true);
  if (text === undefined) return [];
  const keys = readEach(text.trim().split(/\s+/), receiptKey);
  const ids = keys.map(({ id }) => id);
  const duplicate = ids.find((id, index) => ids.indexOf(id) !== index);
  // A receipt references its key only by id.
  if (duplicate !== undefined) throw wrong(`contains two keys with the id '${duplicate}'`);
  if (keys[0]?.privateKey === null) throw wrong('must begin with a private key, which signs new receipts');
  return keys;
}

function receiptKey(text: string, index: number): ReceiptKey {
  const [id = '', ...rest] = text.split(':');
  const isPublic = rest[0] === PUBLIC && rest.length === 2;
  const [base64] = isPublic ? rest.slice(1) : rest;
  const nth = `(key ${index + 1})`;
  if (base64 === undefined || rest.length > (isPublic ? 2 : 1)) {
    throw wrong(`must have the form 'id:base64', or 'id:${PUBLIC}:base64' for a retired key ${nth}`);
  }
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) throw wrong(`has an invalid id: use 1 to 64 letters, digits or . _ - ${nth}`);
  const bytes = decodeBase64(base64);
  if (bytes === undefined) throw wrong(`is not valid base64: it contains another character or is truncated ${nth}`);
  if (bytes.length !== KEY_BYTES) throw wrong(`must decode to ${KEY_BYTES} bytes, not ${bytes.length} ${nth}`);
  return isPublic ? retiredKeyOf(id, bytes) : keyPairOf(id, bytes);
}
