import { createHmac, timingSafeEqual } from 'node:crypto';

const HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;
const TOLERANCE_MS = 5 * 60_000;
const SECRET_PREFIX = 'whsec_';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

interface SignatureHeaders {
  readonly id: string;
  /** Unix time in seconds, as it was sent: the signature covers this text. */
  readonly timestamp: string;
  readonly signatures: readonly Buffer[];
}

/**
 * Reads the signature headers of Standard Webhooks. Svix, by which Clerk sends, signs in the same way and names its headers after
 * itself (https://docs.svix.com/receiving/verifying-payloads/how-manual).
 *
 * @returns `undefined` if they are incomplete or the timestamp is more than five minutes off, so that no body has to be hashed
 */
export function readSignatureHeaders(headers: Headers): SignatureHeaders | undefined {
  const [id, timestamp, signature] = HEADERS.map((name) => headers[name] ?? headers[name.replace('webhook', 'svix')]);
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return undefined;
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) return undefined;
  if (Math.abs(Date.now() - Number(timestamp) * 1_000) > TOLERANCE_MS) return undefined;
  const signatures = signature.split(' ').flatMap((each) => {
    const [version, value = ''] = each.split(',');
    return version === 'v1' ? [Buffer.from(value, 'base64')] : [];
  });
  return signatures.length === 0 ? undefined : { id, timestamp, signatures };
}

/**
 * Whether one of the secrets has signed the body, by Standard Webhooks. Node's own HMAC takes a fraction of a millisecond for
 * 64 KiB; the one of the `standardwebhooks` package, in JavaScript, takes several.
 */
export function isSigned(body: Buffer, headers: Headers, secrets: readonly string[]): boolean {
  const signature = readSignatureHeaders(headers);
  if (signature === undefined) return false;
  return secrets.some((secret) => {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
    const expected = createHmac('sha256', key).update(`${signature.id}.${signature.timestamp}.`).update(body).digest();
    return signature.signatures.some((one) => one.length === expected.length && timingSafeEqual(one, expected));
  });
}
