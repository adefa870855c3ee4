import { Document, visit } from 'yaml';
import { INVISIBLE } from './escape.ts';

/** Converts a value to a YAML document in which control and invisible characters are escaped. */
export function toSafeYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      // Only a double-quoted scalar can contain escapes.
      if (typeof node.value === 'string' && node.value.search(INVISIBLE) !== -1) node.type = 'QUOTE_DOUBLE';
    },
  });
  const text = document.toString({ lineWidth: 0 });
  return text.replaceAll(INVISIBLE, (character) => (character === '\n' ? character : escapeCharacter(character)));
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xff_ff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
