const DOT = '•';
const HIDDEN = DOT.repeat(3);

/** A hint at an address, enough for its owner to know it: `a•••@e•••` or `•••44`. */
export function hint(address: string): string {
  const [name, host] = address.split('@');
  if (host !== undefined) return `${name?.at(0) ?? ''}${HIDDEN}@${host.at(0) ?? ''}${HIDDEN}`;
  return `${HIDDEN}${address.replaceAll(/\D/g, '').slice(-2)}`;
}

const LONGEST = 120;

/** The provider's words, made fit for logs and histories: without addresses, numbers, tokens or line breaks. */
export function quote(text: string): string {
  const clean = text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll(/\S+@\S+/g, HIDDEN)
    .replaceAll(/[\w+/=-]{20,}/g, HIDDEN)
    .replaceAll(/\+?\d[\d\s().-]{2,}\d/g, HIDDEN)
    .trim();
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean;
}
