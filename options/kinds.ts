import { z } from 'zod';

// The kinds of options that there are; values come as text from the command line.

/** A whole number of at least 1. */
export const count = (by: number, says: string) => z.coerce.number().int().min(1).default(by).describe(says);

/** A whole number of at least 0. */
export const wholeNumber = (by: number, says: string) => z.coerce.number().int().min(0).default(by).describe(says);

/** A whole number of at least 1, or none. */
export const optionalCount = (says: string) => z.coerce.number().int().min(1).optional().describe(says);

/** A number above 0. */
export const positive = (by: number, says: string) => z.coerce.number().positive().default(by).describe(says);

/** A number above 0, or none. */
export const optionalPositive = (says: string) => z.coerce.number().positive().optional().describe(says);

/** A number from 0 to below 1. */
export const share = (by: number, says: string) => z.coerce.number().min(0).lt(1).default(by).describe(says);

/** One of some names, the first unless told. */
export const choice = <const Names extends readonly [string, ...string[]]>(names: Names, says: string) =>
  z
    .enum(names)
    .default(names[0] as Names[number])
    .describe(says);

export const flag = (says: string) => z.boolean().default(false).describe(says);
