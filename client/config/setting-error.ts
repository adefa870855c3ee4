/** A setting is invalid or missing. The message names it, says what is wrong and shows a valid example. It never contains a secret. */
export class SettingError extends Error {
  constructor(name: string, problem: string, example: string) {
    super(`${name} ${problem}; for example: ${example}`);
    this.name = 'SettingError';
  }
}

/** Several settings are invalid or missing. The message has one line for each. */
export class SettingErrors extends SettingError {
  constructor(errors: readonly SettingError[]) {
    super('', '', '');
    this.message = [...new Set(errors.map(({ message }) => message))].join('\n');
  }
}

/** Throws the errors, if any. */
export function throwAll(errors: readonly SettingError[]): void {
  const [first, ...others] = errors;
  if (first !== undefined) throw others.length === 0 ? first : new SettingErrors(errors);
}

type Readers = Readonly<Record<string, () => unknown>>;
type Read<R extends Readers> = { readonly [K in keyof R]: ReturnType<R[K]> };

/**
 * Reads several settings, then throws, so that one start reports all that are invalid or missing.
 *
 * @throws SettingError
 */
export function readAll<R extends Readers>(readers: R): Read<R> {
  const errors: SettingError[] = [];
  const entries = Object.entries(readers).map(([name, read]) => [name, attempt(read, errors)] as const);
  throwAll(errors);
  return Object.fromEntries(entries) as Read<R>;
}

/** Reads each item of a list, then throws with the errors of all items. */
export function readEach<T, U>(items: readonly T[], read: (item: T, index: number) => U): U[] {
  const errors: SettingError[] = [];
  const values = items.flatMap((item, index) => attempt(() => [read(item, index)], errors) ?? []);
  throwAll(errors);
  return values;
}

function attempt<T>(read: () => T, errors: SettingError[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    errors.push(error);
    return undefined;
  }
}
