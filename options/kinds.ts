import { z } from 'zod';

// The kinds of options that there are; values come as text from the command line. Each says in one sentence what is needed.

const COUNT = 'a whole number of at least 1 is needed';
const WHOLE = 'a whole number of at least 0 is needed';
const POSITIVE = 'a number above 0 is needed';
const SHARE = 'a number from 0 to below 1 is needed';

const wholeFrom = (least: number, needed: string) => z.coerce.number(needed).int(needed).min(least, needed);
const above0 = () => z.coerce.number(POSITIVE).positive(POSITIVE);

/** A whole number of at least 1. */
export const count = (by: number, says: string) => wholeFrom(1, COUNT).default(by).describe(says);

/** A whole number of at least 0. */
export const wholeNumber = (by: number, says: string) => wholeFrom(0, WHOLE).default(by).describe(says);

/** A whole number of at least 1, or none. */
export const optionalCount = (says: string) => wholeFrom(1, COUNT).optional().describe(says);

/** A number above 0. */
export const positive = (by: number, says: string) => above0().default(by).describe(says);

/** A number above 0, or none. */
export const optionalPositive = (says: string) => above0().optional().describe(says);

/** A number from 0 to below 1. */
export const share = (by: number, says: string) => z.coerce.number(SHARE).min(0, SHARE).lt(1, SHARE).default(by).describe(says);

/** One of some names, the first unless told. */
export const choice = <const Names extends readonly [string, ...string[]]>(names: Names, says: string) =>
  z
    .enum(names, `one of ${names.join(', ')} is needed`)
    .default(names[0] as Names[number])
    .describe(says);

export const flag = (says: string) => z.boolean('it is given without a value').default(false).describe(says);
