import { isIP } from 'node:net';
import ms from 'ms';
import { z } from 'zod';

/** Formats of settings. The `…Problem` functions return what is wrong, without the value, or `undefined` for a valid value. */

/**
 * Detects shell quotes in a value that no shell has parsed: `docker run --env-file` and systemd's `PassEnvironment` pass
 * quotes through unchanged.
 */
export function quoteProblem(text: string): string | undefined {
  return /^["']|["']$/.test(text)
    ? 'begins or ends with a quote, which docker run --env-file does not remove: write the value without quotes'
    : undefined;
}

/** Detects line breaks. A file with Windows line endings leaves a carriage return in every value. */
export function lineBreakProblem(text: string): string | undefined {
  return /[\r\n\u2028\u2029]/.test(text) ? 'contains a line break: write the value in one line' : undefined;
}

/** Decodes base64 or base64url strictly: `undefined` for other characters, which Node's decoder ignores. */
export function decodeBase64(text: string): Buffer | undefined {
  if (!/^([A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const bare = text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  const isPadded = text.includes('=');
  if (isPadded && text.length % 4 !== 0) return undefined;
  return bytes.toString('base64').replace(/=+$/, '') === bare ? bytes : undefined;
}

/** Checks the form and length that Standard Webhooks requires: `whsec_` and 24 to 64 bytes. */
export function isWebhookSecret(text: string): boolean {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const length = decodeBase64(base64)?.length ?? 0;
  return length >= 24 && length <= 64;
}

/** Parses an http or https URL strictly. `new URL` also accepts `https:host` and ignores whitespace. */
export function parseHttpUrl(text: string): URL | undefined {
  return /^https?:\/\/[^\s/]/i.test(text) && !/\s/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Checks for a host name or an IP address, without a scheme or a port. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^(?!\d+$)[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(text);
}

/** Checks for a host with an optional port, as gRPC expects it, without a scheme. */
export function isHostAndPort(text: string): boolean {
  const [, host = '', port = '1'] = /^(\[[0-9a-f:.]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  return isHost(host.replace(/^\[|\]$/g, '')) && Number(port) > 0 && Number(port) < 65_536;
}

const MAX_DURATION_MS = 365 * 24 * 3_600_000;

/** A duration such as `10 minutes`, in milliseconds. */
export const duration = z.unknown().transform((given, context) => {
  const value = milliseconds(given);
  if (value >= 0 && value <= MAX_DURATION_MS) return value;
  const quoted = typeof given === 'string' ? `'${given}'` : JSON.stringify(given);
  const problem = value > MAX_DURATION_MS ? 'is longer than 365 days' : 'is not a duration';
  const message = `${quoted} ${problem}: write a number and its unit, such as '30 s', '10 minutes' or '7 days'`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** Returns NaN if the value is not a duration. A number without a unit is rejected because its unit would be ambiguous. */
function milliseconds(given: unknown): number {
  if (typeof given !== 'string' || !/[a-z]$/i.test(given)) return Number.NaN;
  return ms(given as ms.StringValue) ?? Number.NaN;
}
