/**
 * The rule for every text that people read, such as a reason: one line that steers no display and hides nothing.
 *
 * Refused are control characters and line breaks (which steer a terminal or forge a log line), the controls of writing
 * direction (UAX #9: "Trojan Source"), tags, and characters without a glyph. Joiners and variation selectors are part of
 * several scripts and of emoji: they are allowed between visible characters, at most two at a time.
 */
const JOINER = String.raw`(?:\u200C|\u200D|\uFE0E|\uFE0F)`;
const STEERS_OR_HIDES = [
  String.raw`[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u{FFF9}-\u{FFFB}\u{2800}]`,
  String.raw`(?!${JOINER})\p{Default_Ignorable_Code_Point}`,
  String.raw`(?<=(?:^|\s)${JOINER}?|${JOINER}{2})${JOINER}`,
].join('|');
const FIRST = new RegExp(STEERS_OR_HIDES, 'u');
const EVERY = new RegExp(STEERS_OR_HIDES, 'gu');

const codePoint = (character: string) => (character.codePointAt(0) ?? 0).toString(16);

/**
 * Checks a text that people are going to read.
 *
 * @returns what is wrong and what would be right, or `undefined`
 */
export function findTextProblem(text: string): string | undefined {
  const [found] = FIRST.exec(text) ?? [];
  if (found === undefined) return undefined;
  const name = `U+${codePoint(found).toUpperCase().padStart(4, '0')}`;
  return `write one line of plain text, without line breaks or characters that steer or hide; it holds ${name}`;
}

/** Shows a text from elsewhere, such as the provider's: a character that steers or hides is written as `\u{202e}`. */
export function escapeText(text: string): string {
  return text.replaceAll(EVERY, (character) => `\\u{${codePoint(character)}}`);
}
