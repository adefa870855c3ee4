const DOT = '•';
const HIDDEN = DOT.repeat(3);
/** Of less than this, two digits would tell too much. */
const SHORTEST_NUMBER = 4;

/** A hint at an address, enough for its owner to know it: `a•••@e•••` or `•••44`. */
export function hint(address: string): string {
  const at = address.lastIndexOf('@');
  if (at >= 0) return `${first(address.slice(0, at))}${HIDDEN}@${first(address.slice(at + 1))}${HIDDEN}`;
  const digits = address.replaceAll(/\D/g, '');
  return digits.length < SHORTEST_NUMBER ? HIDDEN : `${HIDDEN}${digits.slice(-2)}`;
}

/** The first character, which may be two units long; one that steers a terminal, or the direction of writing, is none. */
function first(text: string): string {
  return /^[\p{L}\p{N}\p{P}\p{S}]/u.exec(text)?.[0] ?? '';
}

const LONGEST = 120;
/** Nobody writes so much to be read, and what follows would be slow on it. */
const LONGEST_READ = 1_000;

/** The provider's words, made fit for logs and histories: without addresses, numbers, tokens or line breaks. */
export function quote(text: string): string {
  // Cut between words: half an address would not be known for one.
  const start = text.length > LONGEST_READ ? text.slice(0, LONGEST_READ).replace(/\S*$/, '') : text;
  const clean = start
    .replaceAll(/\S*\s?@\s?\S*/g, HIDDEN)
    .replaceAll(/[^\x21-\x7e•]+/g, ' ')
    .replaceAll(/bearer \S+/gi, HIDDEN)
    .replaceAll(/\S{20,}/g, HIDDEN)
    .replaceAll(/\+?\d[\d\s().-]{2,}\d/g, HIDDEN)
    .trim();
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean;
}
