import { describe, expect, it } from '@jest/globals';
import { searchSecrets } from './search-secrets.ts';

const key = { name: 'the key', value: 'k/y+of "one" äß' };
const address = { name: 'the address', value: 'ada@example.test' };
const phone = { name: 'the phone', value: '+15550001234' };
const code = { name: 'the code', value: '8012345678' };
const all = [key, address, phone, code];
const noise = Buffer.from(Array.from({ length: 4_096 }, (_, nth) => (nth * 37) % 256));

const base64At = (offset: number, value: string) => Buffer.from(`${'x'.repeat(offset)}${value}yz`).toString('base64');
const escaping = (signs: RegExp) => (value: string) =>
  value.replaceAll(signs, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

const encodings: readonly [string, (value: string) => string][] = [
  ['plain', (value) => value],
  ['base64', (value) => base64At(0, value)],
  ['base64', (value) => base64At(1, value)],
  ['base64', (value) => base64At(2, value)],
  ['base64', (value) => Buffer.from(`x${value}`).toString('base64url')],
  ['hex', (value) => Buffer.from(value).toString('hex')],
  ['url-encoded', (value) => new URLSearchParams([['q', value]]).toString().replaceAll('+', '%20')],
  ['JSON-escaped', (value) => JSON.stringify({ value })],
  ['JSON-escaped', escaping(/[^\w ]/g)],
  ['JSON-escaped', escaping(/\W/g)],
  ['JSON-escaped', (value) => JSON.stringify({ value }).replaceAll('/', '\\/')],
];

describe('the search for secrets', () => {
  it.each(encodings.flatMap(([form, encode]) => all.map((secret) => [form, secret, encode] as const)))(
    'finds a secret in the encoding %s: %j',
    (form, secret, encode) => {
      const bytes = Buffer.concat([noise, Buffer.from(`<${encode(secret.value)}>`), noise]);
      const found = searchSecrets([{ name: 'a file', bytes }], all);
      // A value that needs no escaping is found as plain.
      expect(found).toEqual(
        expect.arrayContaining([expect.stringMatching(new RegExp(`^${secret.name} found in a file`))]),
      );
      if (encode(secret.value).includes(secret.value)) return;
      expect(found).toContain(`${secret.name} found in a file, ${form}`);
    },
  );

  it('finds a secret at the start and at the end of a file', () => {
    const bytes = Buffer.from(`${address.value} and ${code.value}`);
    expect(searchSecrets([{ name: 'a log', bytes }], all)).toEqual([
      'the address found in a log, plain',
      'the code found in a log, plain',
    ]);
  });

  it('finds nothing without a secret, and does not mistake a longer number for a code', () => {
    const text = `a•••@e••• 1${code.value} ${code.value}9 example.test ${code.value.slice(1)}`;
    expect(searchSecrets([{ name: 'a log', bytes: Buffer.concat([noise, Buffer.from(text)]) }], all)).toEqual([]);
  });
});
