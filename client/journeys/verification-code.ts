import { BadRequest } from '../errors.ts';

/** Characters that people paste along with a code: spaces, dashes, and characters without a glyph. */
const SEPARATORS = /[\p{White_Space}\p{Dash}\p{Default_Ignorable_Code_Point}]/gu;
const DIGIT = /^\p{Nd}$/u;
/** A longer text is not a code, however it is written. */
const MAX_PASTED_LENGTH = 100;

/**
 * Normalizes a verification code as people paste it, such as `123-456`, `12 34 56` or `１２３４５６`, to ASCII digits.
 *
 * @returns 4 to 10 digits
 * @throws BadRequest naming `code`; the message never contains the code
 */
export function parseCode(text: string): string {
  const code = text.length > MAX_PASTED_LENGTH ? '' : text.replaceAll(SEPARATORS, '').replaceAll(/\p{Nd}/gu, toAscii);
  if (/^\d{4,10}$/.test(code)) return code;
  throw new BadRequest(
    'code',
    'code must have 4 to 10 digits, as a string; spaces and dashes between them are ignored',
  );
}

/** Unicode encodes the decimal digits of every script as runs of ten, in ascending order (Unicode Standard, 4.6). */
function toAscii(digit: string): string {
  const point = digit.codePointAt(0) ?? 0;
  let first = point;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((point - first) % 10);
}
