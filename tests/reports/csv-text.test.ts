import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { csvText } from '../../reports/csv-text.js';

const backFrom = (...row: unknown[]): string[] | undefined => parse(csvText([row]))[0];

describe('a row of CSV', () => {
  test.each(['=1+1', '+great', '-bad', '@SUM(1)', '=HYPERLINK("http://x","y")'])('with %s has it as text for a spreadsheet', (text) => {
    expect(backFrom(text)).toEqual([`'${text}`]);
  });

  test.each([-0.5, 1e21, -1e-7, 0])('with the number %d has it as it is', (number) => {
    expect(Number(backFrom(number)?.[0])).toBe(number);
  });

  test.each(['a, "b"', "it's", '– 3', 'zo-sgd:q=4'])('with the text %s gives it back', (text) => {
    expect(backFrom(text)).toEqual([text]);
  });

  test('is one line, whatever its text', () => {
    expect(csvText([['a\nb', '\r=1+1', '\t', true, null]])).toBe('a\\nb,\\r=1+1,\\t,true,\n');
  });
});
