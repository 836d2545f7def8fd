import { z } from 'zod';

// What options take, each with the one sentence that is said where it is not given.

const NAMES = 'names separated by commas are needed';
const POSITIVE = 'a number above 0 is needed';

/** No path has a null character, and Node throws where one does. */
const string = (needed: string) =>
  z
    .string()
    .min(1, needed)
    .refine((value) => !value.includes('\0'), 'a value without null characters is needed');
export const text = () => string('a value is needed');
export const flag = () => z.boolean().default(false);
export const names = () => z.array(string(NAMES)).min(1, NAMES);
export const positive = () => z.number(POSITIVE).positive(POSITIVE);
/** Weights are in float32: what is nothing there would move none of them. */
export const positiveFloat = () =>
  positive().refine((value) => Math.fround(value) > 0 && Math.fround(value) < Infinity, 'a number that float32 can hold is needed');
export const count = () => wholeNumber(1);
export const oneOf = <const Names extends readonly string[]>(all: Names) => z.enum(all, `one of ${all.join(', ')} is needed`);

export function wholeNumber(least: number) {
  const needed = `a whole number of at least ${least} is needed`;
  return z.int(needed).min(least, needed);
}

/** The names, with every name there is where `all` stands. */
export const withAll = (given: readonly string[], all: readonly string[]): readonly string[] =>
  given.flatMap((name) => (name === 'all' ? all : [name]));
