/**
 * Environment variables of a function: parsed once at start, their names shared with the stack, which types the
 * environment that it passes by these keys. Small on purpose: redirect's bundle must not hold zod.
 */
type Parse<T> = (value: string, name: string) => T;

export class InvalidEnvironment extends Error {
  override readonly name = 'InvalidEnvironment';
}

export const text: Parse<string> = (value) => value;

export const whole: Parse<number> = (value, name) => {
  if (!/^\d+$/.test(value)) throw new InvalidEnvironment(`${name} is "${value}"; it must be a whole number`);
  return Number(value);
};

export const flag: Parse<boolean> = (value, name) => {
  if (value !== 'true' && value !== 'false')
    throw new InvalidEnvironment(`${name} is "${value}"; it must be true or false`);
  return value === 'true';
};

type Shape = Record<string, Parse<unknown>>;
export type Environment<S extends Shape> = { [K in keyof S]: ReturnType<S[K]> };
/** What the stack must pass: each key of the shape, as text. */
export type EnvironmentVariables<S extends Shape> = { [K in keyof S]: string };

/** @throws {InvalidEnvironment} naming the variable that is missing or wrong, and what is allowed */
export function parseEnvironment<S extends Shape>(
  shape: S,
  variables: Readonly<Record<string, string | undefined>>,
): Environment<S> {
  return Object.fromEntries(
    Object.entries(shape).map(([name, parse]) => {
      const value = variables[name];
      if (value === undefined || value === '') throw new InvalidEnvironment(`${name} is missing`);
      return [name, parse(value, name)];
    }),
  ) as Environment<S>;
}
