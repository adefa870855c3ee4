import { escapeText } from '../../../workflows/journey/status/text.ts';

/** Characters that steer a terminal or hide text. `JSON.stringify` escapes only those below U+0020. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Escapes every text in a reply, so that no text of a server can control the terminal or add a line. Keys are escaped too.
 */
export function escapeReply<T>(value: T): T {
  return escapeValue(value) as T;
}

function escapeValue(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value);
  if (Array.isArray(value)) return value.map(escapeValue);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [escapeText(key), escapeValue(each)]));
}

/** Converts a value to JSON of the same meaning without characters that steer or hide. */
export function toSafeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(INVISIBLE, (character) =>
    Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
