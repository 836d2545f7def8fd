import { z } from 'zod';

// Fields of rows, as data sets have them.

/** Text as it stands, with something in it. */
export const text = z.string('text is needed').refine((value) => value.trim() !== '', 'is empty');

/** Text that may be empty. */
export const anyText = z.string('text is needed');

/** A class by name, given as its number. */
export const className = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, `${names.join(' or ')} is needed`).transform((name) => names.indexOf(name));

/** A class by its number, as the hub has them. */
export function classNumber(count: number) {
  const says = `a class from 0 to ${count - 1} is needed`;
  return z.int(says).min(0, says).lt(count, says);
}

/** true is class 1. */
export const truth = z.boolean('true or false is needed').transform(Number);

/** Rows with a column are of the first form, others of the second. */
export const withColumn = <Item>(column: string, form: z.ZodType<Item>, other: z.ZodType<Item>): z.ZodType<Item> =>
  z.looseObject({}).transform((row, context): Item => {
    const parsed = (Object.hasOwn(row, column) ? form : other).safeParse(row);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
    return z.NEVER;
  });

/** A row that is one item. */
export const single = <Item>(schema: z.ZodType<Item>): z.ZodType<readonly Item[]> => schema.transform((item) => [item]);
