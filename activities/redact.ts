const DOT = '•';
const HIDDEN = DOT.repeat(3);
/** Two digits of a shorter number would reveal too much. */
const MIN_NUMBER_DIGITS = 4;

/** Masks an address, so that only its owner recognizes it: `a•••@e•••` or `•••44`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at >= 0) return `${firstVisible(address.slice(0, at))}${HIDDEN}@${firstVisible(address.slice(at + 1))}${HIDDEN}`;
  const digits = address.replaceAll(/\D/g, '');
  return digits.length < MIN_NUMBER_DIGITS ? HIDDEN : `${HIDDEN}${digits.slice(-2)}`;
}

/** Returns the first code point; empty for a control character, which could change a terminal or the writing direction. */
function firstVisible(text: string): string {
  return /^[\p{L}\p{N}\p{P}\p{S}]/u.exec(text)?.[0] ?? '';
}

const MAX_TEXT_LENGTH = 120;
/** Longer texts are not meant for people, and the patterns below would be slow on them. */
const MAX_INPUT_LENGTH = 1_000;

/** Removes addresses, numbers, tokens and line breaks from a provider's text, so that it may appear in logs and histories. */
export function sanitize(text: string): string {
  // Cut between words: half an address would not be recognized as one.
  const start = text.length > MAX_INPUT_LENGTH ? text.slice(0, MAX_INPUT_LENGTH).replace(/\S*$/, '') : text;
  const clean = start
    .replaceAll(/\S*\s?@\s?\S*/g, HIDDEN)
    .replaceAll(/[^\x21-\x7e•]+/g, ' ')
    .replaceAll(/bearer \S+/gi, HIDDEN)
    .replaceAll(/\S{20,}/g, HIDDEN)
    .replaceAll(/\+?\d[\d\s().-]{2,}\d/g, HIDDEN)
    .trim();
  return clean.length > MAX_TEXT_LENGTH ? `${clean.slice(0, MAX_TEXT_LENGTH)}…` : clean;
}
