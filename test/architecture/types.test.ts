import { describe, expect, it } from '@jest/globals';
import { compile } from './compile.ts';
import type * as mistakes from './types.ts';

/** They are there for their types: nothing of them can run. */
const mistake: keyof typeof mistakes = 'forged';

describe('the compiler', () => {
  it('rejects every error of types.ts', async () => {
    expect(await compile(`export { ${mistake} } from './test/architecture/types.ts';`)).toBe('');
  });

  it('reports a type error if there is one', async () => {
    const text =
      "import type { State } from './workflows/journey/status/status.ts';\nexport const state: State = 'phonePending';";
    expect(await compile(text)).toContain('phonePending');
  });
});
