import type { Written } from '../fleet/server.ts';
import { grouped } from './grouped.ts';

/** A secret, and by what name it is told when it is found. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

/** A form in which a secret may stand somewhere. */
interface Form {
  readonly name: string;
  readonly of: (value: string) => readonly string[];
}

const forms: readonly Form[] = [
  { name: 'plain', of: (value) => [value] },
  { name: 'base64', of: (value) => inBase64(value).flatMap((part) => [part, urlSafe(part)]) },
  { name: 'hex', of: (value) => [hex(value), hex(value).toUpperCase()] },
  { name: 'url-encoded', of: (value) => [encodeURIComponent(value), everyByte(value)] },
  {
    name: 'JSON-escaped',
    of: (value) => {
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
const everyByte = (value: string) => hex(value).replaceAll(/../g, (byte) => `%${byte.toUpperCase()}`);
/** Writers of JSON differ in what they escape: what is no ASCII, all that has a meaning in HTML, or all but letters. */
const escaped = (value: string, signs: RegExp) =>
  value.replaceAll(signs, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Base64 of a value wherever it lies in a longer text: at each of three offsets, without the signs that its neighbours decide. */
function inBase64(value: string): string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
    const whole = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), whole);
  });
}

interface Sought {
  readonly secret: string;
  readonly form: string;
  readonly needle: Buffer;
}

/** Searches for every secret in every form. Gives what was found, without the secret itself. */
export function search(texts: readonly Written[], secrets: readonly Secret[]): string[] {
  const sought = secrets.flatMap(neededFor);
  const index = new Index(sought);
  return texts.flatMap(({ name, bytes }) => {
    const found = index.foundIn(bytes).map(({ secret, form }) => `${secret} stands in ${name}, ${form}`);
    return [...new Set(found)];
  });
}

/** Every form of a secret once: a number needs no escaping, and stands there plain. */
function neededFor({ name: secret, value }: Secret): Sought[] {
  const all = forms.flatMap(({ name: form, of }) => of(value).map((needle) => [needle, form] as const));
  const once = new Map(all.toReversed());
  return [...once].map(([needle, form]) => ({ secret, form, needle: Buffer.from(needle) }));
}

/** What is sought, by its first three bytes: a text of hundreds of megabytes is gone through once for all of it. */
class Index {
  readonly #begins = new Uint8Array(2 ** 24);
  readonly #byBeginning: ReadonlyMap<number, readonly Sought[]>;

  constructor(sought: readonly Sought[]) {
    this.#byBeginning = grouped(sought, ({ needle }) => needle.readUIntLE(0, 3));
    for (const beginning of this.#byBeginning.keys()) this.#begins[beginning] = 1;
  }

  foundIn(bytes: Buffer): Sought[] {
    const found: Sought[] = [];
    let beginning = 0;
    for (let end = 0; end < bytes.length; end += 1) {
      beginning = (beginning >>> 8) | ((bytes[end] ?? 0) << 16);
      if (this.#begins[beginning] !== 1) continue;
      const at = end - 2;
      for (const one of this.#byBeginning.get(beginning) ?? []) if (stands(bytes, at, one.needle)) found.push(one);
    }
    return found;
  }
}

/** A number is found where it stands alone: within a longer one it is chance. */
function stands(bytes: Buffer, at: number, needle: Buffer): boolean {
  if (!bytes.subarray(at, at + needle.length).equals(needle)) return false;
  return !needle.every(isDigit) || !(isDigit(bytes[at - 1]) || isDigit(bytes[at + needle.length]));
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;
