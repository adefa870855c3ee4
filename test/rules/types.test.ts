import { describe, expect, it } from '@jest/globals';
import { compile } from './compile.ts';
import type * as mistakes from './types.ts';

/** They are there for their types: nothing of them can run. */
const mistake: keyof typeof mistakes = 'forged';

describe('the compiler', () => {
  it('refuses every mistake of types.ts', async () => {
    expect(await compile(`export { ${mistake} } from './test/rules/types.ts';`)).toBe('');
  });

  it('refuses what is wrong, so that its silence means something', async () => {
    const text = "import type { State } from './workflows/status.ts';\nexport const state: State = 'phonePending';";
    expect(await compile(text)).toContain('phonePending');
  });
});
