import { expect, it } from '@jest/globals';
import { receiptKeys } from '../../../client/config/receipt-keys.ts';
import { jwksOf, keyPairOf } from '../../../client/receipts/keys.ts';

const seed = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const keysIn = (text: string) => receiptKeys({ ONWARD_RECEIPT_KEYS: text });

it('reads the keys of receipts, of a retired key only the public part, and none if none is set', () => {
  const x = String(keyPairOf('old', Buffer.alloc(32, 1)).publicKey.export({ format: 'jwk' }).x);
  const [newest, retired] = keysIn(`2027-01:${seed(2)}\n2026-11:public:${x}`);
  expect([newest?.id, newest?.privateKey?.asymmetricKeyType]).toEqual(['2027-01', 'ed25519']);
  expect([retired?.id, retired?.privateKey]).toEqual(['2026-11', null]);
  expect(jwksOf(retired === undefined ? [] : [retired]).keys[0]).toMatchObject({ x, kid: '2026-11' });
  expect(receiptKeys({})).toEqual([]);
});

it('derives the public key that RFC 8032 has for a private one', () => {
  const secret = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  const [key] = keysIn(`rfc:${secret.toString('base64')}`);
  const x = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString(
    'base64url',
  );
  expect(key?.publicKey.export({ format: 'jwk' })).toMatchObject({ crv: 'Ed25519', x });
});

it.each([
  [`a:${seed(1)} a:${seed(2)}`, /two keys with the id 'a'/],
  [`a:public:${seed(1)}`, /must begin with a private key/],
  [`a:${seed(1).slice(4)}`, /must decode to 32 bytes, not 29 \(key 1\)/],
  [`a:${seed(1)} b`, /must have the form 'id:base64', or 'id:public:base64' for a retired key \(key 2\)/],
  [`a:secret:${seed(1)}`, /must have the form/],
  [`a b:${seed(1)}`, /must have the form/],
  [`a!:${seed(1)}`, /has an invalid id/],
  ['a:no*base64', /is not valid base64/],
])('names what is wrong, and not the key: %#', (text, problem) => {
  expect(() => keysIn(text)).toThrow(problem);
  expect(() => keysIn(text)).not.toThrow(new RegExp(seed(1).slice(0, 10)));
});
