import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { firstIssue } from '../../engine/errors.js';

const complaint = (schema: z.ZodType, value: unknown): string => {
  const { error } = schema.safeParse(value);
  return error ? firstIssue(error) : '';
};

const size = z.object({ width: z.int().positive().max(1000) });

describe('what a schema does not like is a sentence with the field, what is needed and what was given', () => {
  test.each<[string, z.ZodType, unknown, string]>([
    ['a text for a number', size, { width: 'wide' }, 'width: a whole number is needed, not "wide"'],
    ['a fraction for a whole number', size, { width: 1.5 }, 'width: a whole number is needed, not 1.5'],
    ['a number that is none', size, { width: NaN }, 'width: a whole number is needed, not NaN'],
    ['null', size, { width: null }, 'width: a whole number is needed, not null'],
    ['nothing', size, {}, 'width: is missing; a whole number is needed'],
    ['too small a number', size, { width: 0 }, 'width: a number above 0 is needed, not 0'],
    ['too large a number', size, { width: 1001 }, 'width: a number of at most 1000 is needed, not 1001'],
    ['an infinite number', z.number(), Infinity, 'a number is needed, not Infinity'],
    ['a list for an object', size, [1, 2], 'an object is needed, not a list of 2'],
    ['an object for a list', z.array(z.string()), {}, 'a list is needed, not an object'],
    ['an empty list', z.array(z.string()).min(1), [], 'a list of at least 1 entries is needed, not an empty list'],
    ['a short text', z.string().min(2), 'a', 'a text of at least 2 characters is needed, not "a"'],
    ['too short a tuple', z.tuple([z.number(), z.number()]), [1], 'a list of at least 2 entries is needed, not a list of 1'],
    ['none of some names', z.enum(['one', 'two']), 'three', 'one of one, two is needed, not "three"'],
    ['another version', z.object({ version: z.literal(3) }), { version: 2 }, 'version: 3 is needed, not 2'],
    ['a field that there is not', z.strictObject({}), { gradClip: 1 }, '"gradClip": there is no such field'],
    ['neither of two kinds', z.union([z.string(), z.number()]), true, 'a text is needed, not true, or a number is needed, not true'],
    ['a value in a list', z.array(z.object({ a: z.boolean() })), [{ a: 'no' }], '0.a: true or false is needed, not "no"'],
    ['a text of another form', z.iso.datetime(), 'today', 'a date and time is needed, not "today"'],
    ['a text with control characters', z.number(), '\u001b[2J', 'a number is needed, not "\\u001b[2J"'],
    ['a long text', z.number(), 'x'.repeat(500), `a number is needed, not "${'x'.repeat(35)}..."`],
  ])('%s', (_, schema, value, says) => {
    expect(complaint(schema, value)).toBe(says);
  });

  test('of a union that a field decides, that field', () => {
    const record = z.discriminatedUnion('state', [z.object({ state: z.literal('completed') }), z.object({ state: z.enum(['failed']) })]);
    expect(complaint(record, { state: 'done' })).toBe('state: one of completed, failed is needed, not "done"');
  });

  test('a message of the schema itself goes before it', () => {
    expect(complaint(z.number('a rate is needed'), 'x')).toBe('a rate is needed');
  });
});
