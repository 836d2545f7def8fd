import { describe, expect, test } from '@jest/globals';
import { answersOf } from '../../tasks/labels.js';

const rows = (candidates: readonly string[], values: readonly unknown[]) =>
  values.map((value, index) => ({ value, candidates, place: `a.jsonl:${index + 1}` }));
const answers = (candidates: readonly string[], values: readonly unknown[]) => answersOf(rows(candidates, values), 'label');

describe('a label is', () => {
  test.each([
    ['the candidate that it reads as', [' bad', ' great'], ['great', ' bad', 'great'], [1, 0, 1]],
    ['a candidate that is a number, by its text', [' 1', ' 2', ' 3', ' 4', ' 5'], [1, 5, 3], [0, 4, 2]],
    ['a candidate that is a number written as text', [' 1', ' 2', ' 3'], ['1', '2'], [0, 1]],
    ['a candidate with a sign', [' -1', ' 0', ' 1'], [-1, 0, 1], [0, 1, 2]],
    ['a candidate with a point', [' 0.0', ' 1.0', ' 2.0'], [2, 1, 0], [2, 1, 0]],
    ['the number from 0 where no candidate reads so', [' bad', ' great'], [0, 1], [0, 1]],
    ['that number written as text', [' bad', ' great'], ['0', '1 '], [0, 1]],
    ['that number among candidates that are numbers, where that fits all rows', [' 1', ' 2', ' 3'], [0, 1, 2], [0, 1, 2]],
    ['the same, written as text', [' 1', ' 2', ' 3'], ['0', '1', '2'], [0, 1, 2]],
    ['either, where both say the same', [' 0', ' 1'], [0, 1, '1'], [0, 1, 1]],
    ['false or true for the first and the second', [' bad', ' great'], [false, true], [0, 1]],
    ['false or true by its text, however written', [' True', ' False'], [false, true], [1, 0]],
    ['false or true by its meaning, where the candidates are yes and no', [' Yes', ' No'], [false, true], [1, 0]],
    ['the same in the usual order, in capitals', ['NO', 'YES'], [false, true], [0, 1]],
    ['the same among others', [' maybe', ' yes', ' no'], [true, false, 'maybe'], [1, 2, 0]],
    ['false or true by its text before its meaning', [' yes', ' no', ' true', ' false'], [true, false], [2, 3]],
    ['false or true for the first and the second where one word alone is there', [' true', ' fine'], [false, true], [0, 1]],
    ['text in one row and a number in another', [' bad', ' great'], ['great', 0, true], [1, 0, 1]],
  ])('%s', (_, candidates, values, right) => {
    expect(answers(candidates, values)).toEqual(right);
  });

  test('read by what fits all rows, where each has candidates of its own', () => {
    const own = (pairs: readonly (readonly [readonly string[], unknown])[]) =>
      answersOf(
        pairs.map(([candidates, value], index) => ({ candidates, value, place: `a:${index}` })),
        'label',
      );
    // The second's "1" is its first option, but the first's label can only be a number from 0.
    expect(
      own([
        [['7', '8'], 0],
        [['1', '3'], 1],
      ]),
    ).toEqual([0, 1]);
    expect(
      own([
        [['7', '8'], 8],
        [['1', '3'], 1],
      ]),
    ).toEqual([1, 0]);
  });
});

describe('refused are', () => {
  test.each([
    [
      'numbers that fit all rows as text and as numbers from 0, and differ',
      ...[
        [' 1', ' 2', ' 3'],
        [1, 2, 1],
      ],
      'a.jsonl:1: label: 1 may be the candidate "1" or, as a number from 0, "2", and both ways fit all rows: write the candidate as text, "1" or "2"',
    ],
    [
      'candidates in the other order',
      ...[
        [' 1', ' 0'],
        [0, 1],
      ],
      'a.jsonl:1: label: 0 may be the candidate "0" or, as a number from 0, "1", and both ways fit all rows: write the candidate as text, "0" or "1"',
    ],
    [
      'numbers of which some can only be text and others only numbers from 0',
      ...[
        [' 1', ' 2', ' 3'],
        [1, 3, 0],
      ],
      'a.jsonl:3: label: 0 is none of "1", "2", "3", and 3 (a.jsonl:2) no number of one from 0: label all rows in one way',
    ],
    [
      'what means no candidate',
      ...[
        [' bad', ' great'],
        [0, 2],
      ],
      'a.jsonl:2: label: 2 is neither one of "bad", "great" nor its number from 0',
    ],
    [
      'text that is no whole number',
      ...[[' bad', ' great'], ['0.5']],
      'a.jsonl:1: label: "0.5" is neither one of "bad", "great" nor its number from 0',
    ],
    ['nothing', ...[[' bad', ' great'], [null]], 'a.jsonl:1: label: null is neither one of "bad", "great" nor its number from 0'],
    ['empty text', ...[[' bad', ' great'], ['']], 'a.jsonl:1: label: "" is neither one of "bad", "great" nor its number from 0'],
  ] as [string, string[], unknown[], string][])('%s', (_, candidates, values, says) => {
    expect(() => answers(candidates, values)).toThrow(says);
  });
});
