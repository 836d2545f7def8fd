import { z } from 'zod';

// The kinds of options that there are; values come as text from the command line. Each says in one sentence what is needed.

const COUNT = 'a whole number of at least 1 is needed';
const WHOLE = 'a whole number of at least 0 is needed';
const POSITIVE = 'a number above 0 is needed';
const SHARE = 'a number from 0 to below 1 is needed';

const wholeFrom = (least: number, needed: string) => z.coerce.number(needed).int(needed).min(least, needed);
const above0 = () => z.coerce.number(POSITIVE).positive(POSITIVE);

/** A whole number of at least 1. */
export const count = (by: number, description: string) => wholeFrom(1, COUNT).default(by).describe(description);

const MOST_PROBES = 100_000;

/** A whole number of at least 1, of what a step lists one by one: no more than can be listed. */
export const probeCount = (by: number, description: string) =>
  wholeFrom(1, COUNT).max(MOST_PROBES, `at most ${MOST_PROBES} can be probed in a step`).default(by).describe(description);

/** A whole number of at least 0. */
export const wholeNumber = (by: number, description: string) => wholeFrom(0, WHOLE).default(by).describe(description);

/** A whole number of at least 1, or none. */
export const optionalCount = (description: string) => wholeFrom(1, COUNT).optional().describe(description);

/** A number above 0. */
export const positive = (by: number, description: string) => above0().default(by).describe(description);

/** A number above 0, or none. */
export const optionalPositive = (description: string) => above0().optional().describe(description);

/** A number from 0 to below 1. */
export const share = (by: number, description: string) =>
  z.coerce.number(SHARE).min(0, SHARE).lt(1, SHARE).default(by).describe(description);

/** One of some names, the first being the default. */
export const choice = <const Names extends readonly [string, ...string[]]>(names: Names, description: string) =>
  z
    .enum(names, `one of ${names.join(', ')} is needed`)
    .default(names[0] as Names[number])
    .describe(description);

export const flag = (description: string) => z.boolean('it is given without a value').default(false).describe(description);
