/** Parsers of what another release may have written. Plain functions, since workflow code loads no schema library. */

/** A value that this release cannot read. The message names its place and what is valid, and never its content. */
export class UnreadableValue extends Error {
  constructor(path: string, valid: string) {
    super(`\`${path}\` must be ${valid}`);
    this.name = 'UnreadableValue';
  }
}

/** @throws UnreadableValue */
export type Parser<T> = (value: unknown, path: string) => T;

type FieldParsers = Readonly<Record<string, Parser<unknown>>>;
type ParsedFields<P extends FieldParsers> = { readonly [K in keyof P]: ReturnType<P[K]> };

export const parseText: Parser<string> = (value, path) => {
  if (typeof value === 'string') return value;
  throw new UnreadableValue(path, 'a string');
};

export const parseNumber: Parser<number> = (value, path) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new UnreadableValue(path, 'a number');
};

export const parseFlag: Parser<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value;
  throw new UnreadableValue(path, 'true or false');
};

/** Accepts every value, for one that another parser reads. */
export const parseUnknown: Parser<unknown> = (value) => value;

/** Parses one of several texts. */
export function oneOf<const T extends string>(values: readonly T[]): Parser<T> {
  return (value, path) => {
    const found = values.find((each) => each === value);
    if (found !== undefined) return found;
    throw new UnreadableValue(path, `one of ${values.join(', ')}`);
  };
}

/** Parses `null`, or a value by this parser. */
export function orNull<T>(parse: Parser<T>): Parser<T | null> {
  return (value, path) => (value === null ? null : parse(value, path));
}

/**
 * Parses a value that may be missing.
 *
 * @param fallback the value of a field that an older release did not know, and so did not store
 */
export function orAbsent<T>(parse: Parser<T>, fallback: T): Parser<T> {
  return (value, path) => (value === undefined ? fallback : parse(value, path));
}

/** Parses an array, each element by this parser. */
export function listOf<T>(parse: Parser<T>): Parser<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new UnreadableValue(path, 'a list');
    return value.map((each, index) => parse(each, `${path}[${index}]`));
  };
}

export const parseFields: Parser<Readonly<Record<string, unknown>>> = (value, path) => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UnreadableValue(path, 'an object');
};

/** Parses an object with required and optional fields. Fields that only a newer release knows are passed on. */
export function objectOf<P extends FieldParsers, O extends FieldParsers = FieldParsers>(
  required: P,
  optional?: O,
): Parser<ParsedFields<P> & Partial<ParsedFields<O>>> {
  return (value, path) => {
    const stored = parseFields(value, path);
    const present = Object.entries({ ...optional }).filter(([name]) => stored[name] !== undefined);
    const parsed = [...Object.entries(required), ...present].map(
      ([name, parse]) => [name, parse(stored[name], `${path}.${name}`)] as const,
    );
    // Every field of the type has been parsed by its parser.
    return { ...stored, ...Object.fromEntries(parsed) } as ParsedFields<P> & Partial<ParsedFields<O>>;
  };
}

/** Parses an object with a value for each of these keys. */
export function eachOf<const K extends string, T>(
  keys: readonly K[],
  parse: Parser<T>,
): Parser<{ readonly [P in K]: T }> {
  // Every key has the same parser.
  return objectOf(Object.fromEntries(keys.map((key) => [key, parse]))) as Parser<{ readonly [P in K]: T }>;
}

/** Parses the values of an object whose keys are arbitrary. */
export function recordOf<T>(parse: Parser<T>): Parser<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(parseFields(value, path)).map(([name, each]) => [name, parse(each, `${path}.${name}`)]),
    );
}

type Variants = Readonly<Record<string, FieldParsers>>;
type ParsedVariant<V extends Variants> = {
  readonly [Type in keyof V & string]: { readonly type: Type } & ParsedFields<V[Type]>;
}[keyof V & string];

/** Parses one of several objects, each with its own fields, by its `type`. */
export function variantsOf<V extends Variants>(variants: V): Parser<ParsedVariant<V>> {
  const parseType = objectOf({ type: oneOf(Object.keys(variants)) });
  return (value, path) => {
    const { type } = parseType(value, path);
    // Every field of this variant has been parsed by its parser.
    return objectOf({ type: parseText, ...variants[type] })(value, path) as ParsedVariant<V>;
  };
}
