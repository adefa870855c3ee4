/** Escapes text for an element or a quoted attribute of an HTML page. */
export const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
