import type { Artifact } from '../fleet/durable-server.ts';
import { groupBy } from './group-by.ts';

/** A secret, and the name under which a find is reported. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

/** An encoding in which a secret may occur. */
interface Encoding {
  readonly name: string;
  readonly encode: (value: string) => readonly string[];
}

const encodings: readonly Encoding[] = [
  { name: 'plain', encode: (value) => [value] },
  { name: 'base64', encode: (value) => inBase64(value).flatMap((part) => [part, urlSafe(part)]) },
  { name: 'hex', encode: (value) => [hex(value), hex(value).toUpperCase()] },
  { name: 'url-encoded', encode: (value) => [encodeURIComponent(value), percentEncoded(value)] },
  {
    name: 'JSON-escaped',
    encode: (value) => {
      const json = JSON.stringify(value).slice(1, -1);
      return [
        json,
        json.replaceAll('/', '\\/'),
        ...[/[^ -~]/g, /[^\w ]/g, /\W/g].map((signs) => escaped(value, signs)),
      ];
    },
  },
];

const hex = (value: string) => Buffer.from(value).toString('hex');
const urlSafe = (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_');
const percentEncoded = (value: string) => hex(value).replaceAll(/../g, (byte) => `%${byte.toUpperCase()}`);
/** JSON encoders differ in what they escape: non-ASCII characters, characters special in HTML, or all but letters and digits. */
const escaped = (value: string, signs: RegExp) =>
  value.replaceAll(signs, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The Base64 of a value inside a longer text: for each of the three offsets, without the characters that depend on adjacent bytes. */
function inBase64(value: string): string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
    const whole = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), whole);
  });
}

interface Needle {
  readonly secret: string;
  readonly form: string;
  readonly bytes: Buffer;
}

/** Searches for every secret in every encoding. Returns a sentence for each find, without the secret itself. */
export function searchSecrets(artifacts: readonly Artifact[], secrets: readonly Secret[]): string[] {
  const needles = secrets.flatMap(needlesFor);
  const index = new NeedleIndex(needles);
  return artifacts.flatMap(({ name, bytes }) => {
    const found = index.findIn(bytes).map(({ secret, form }) => `${secret} found in ${name}, ${form}`);
    return [...new Set(found)];
  });
}

/** Each encoded value once, under its first encoding: a number, for example, has the same plain and escaped form. */
function needlesFor({ name: secret, value }: Secret): Needle[] {
  const all = encodings.flatMap(({ name: form, encode }) => encode(value).map((needle) => [needle, form] as const));
  const once = new Map(all.toReversed());
  return [...once].map(([needle, form]) => ({ secret, form, bytes: Buffer.from(needle) }));
}

/** Needles by their first three bytes, so that hundreds of megabytes are read once for all needles. */
class NeedleIndex {
  readonly #isPrefix = new Uint8Array(2 ** 24);
  readonly #byPrefix: ReadonlyMap<number, readonly Needle[]>;

  constructor(needles: readonly Needle[]) {
    this.#byPrefix = groupBy(needles, (needle) => needle.bytes.readUIntLE(0, 3));
    for (const beginning of this.#byPrefix.keys()) this.#isPrefix[beginning] = 1;
  }

  findIn(bytes: Buffer): Needle[] {
    const found: Needle[] = [];
    let beginning = 0;
    for (let end = 0; end < bytes.length; end += 1) {
      beginning = (beginning >>> 8) | ((bytes[end] ?? 0) << 16);
      if (this.#isPrefix[beginning] !== 1) continue;
      const at = end - 2;
      for (const one of this.#byPrefix.get(beginning) ?? []) if (occursAt(bytes, at, one.bytes)) found.push(one);
    }
    return found;
  }
}

/** A number counts only if no digit is adjacent: inside a longer number it is a coincidence. */
function occursAt(bytes: Buffer, at: number, needle: Buffer): boolean {
  if (!bytes.subarray(at, at + needle.length).equals(needle)) return false;
  return !needle.every(isDigit) || !(isDigit(bytes[at - 1]) || isDigit(bytes[at + needle.length]));
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;
