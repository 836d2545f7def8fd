import { describe, expect, test } from '@jest/globals';
import { normalise } from '../../../scripts/corpus/partition.js';
import { generateSst2, type Sst2Example, toTsv } from '../../../scripts/corpus/sst2.js';
import { polarWords } from './polar-words.js';

const data = generateSst2(11);
const all = [...data.train, ...data.test];
const positive = polarWords('positive');
const negative = polarWords('negative');

/** Which label the single words ask for: above 0 positive, below 0 negative. */
function wordCount(sentence: string): number {
  return sentence.split(' ').reduce((sum, word) => sum + Number(positive.has(word)) - Number(negative.has(word)), 0);
}

function checkAll(pattern: RegExp, labelOf: (words: readonly string[]) => number): void {
  const matches = all.flatMap(({ sentence, label }) => {
    const match = pattern.exec(sentence);
    return match ? [{ words: match.slice(1), label }] : [];
  });
  expect(matches.length).toBeGreaterThan(3);
  for (const { words, label } of matches) expect(label).toBe(labelOf(words));
}

describe('the generated SST-2', () => {
  test('is a pure function of the seed', () => {
    expect(generateSst2(11)).toEqual(data);
    expect(generateSst2(12)).not.toEqual(data);
  });

  test.each([
    ['train', data.train, 2000],
    ['test', data.test, 1000],
  ])('%s has its size, half of it positive', (_, examples: readonly Sst2Example[], size) => {
    expect(examples).toHaveLength(size);
    expect(examples.filter(({ label }) => label === 1)).toHaveLength(size / 2);
  });

  test('no sentence occurs twice', () => {
    expect(new Set(all.map(({ sentence }) => normalise(sentence))).size).toBe(all.length);
  });

  test('labels are in no order: the longest run of one label is short', () => {
    const runs =
      data.train
        .map(({ label }) => label)
        .join('')
        .match(/0+|1+/g) ?? [];
    // runs of 25 have probability below 1e-4 in 2,000 fair draws
    expect(Math.max(...runs.slice(0, -1).map((run) => run.length))).toBeLessThan(25);
  });

  test('a negated word gives the opposite label', () => {
    checkAll(/\b(?:is|was) never (\w+) \.$/, ([word = '']) => Number(negative.has(word)));
    checkAll(/\bnothing (\w+) about\b/, ([word = '']) => Number(negative.has(word)));
  });

  test('the clause after "but" and the main clause beside "although" decide', () => {
    checkAll(/(\w+) , but the \w+ (?:is|was) (?!never)(?:\w+ )?(\w+) \.$/, ([, word = '']) => Number(positive.has(word)));
    checkAll(/although .* (\w+) , .* (\w+) \.$/, ([, word = '']) => Number(positive.has(word)));
  });

  test('counting polar words solves most sentences, but not all', () => {
    const right = all.filter(({ sentence, label }) => wordCount(sentence) * (label - 0.5) > 0).length / all.length;
    expect(right).toBeGreaterThan(0.6);
    expect(right).toBeLessThan(0.9);
  });

  test('is written as GLUE writes it', () => {
    expect(toTsv([{ sentence: 'the film works .', label: 1 }])).toBe('sentence\tlabel\nthe film works . \t1\n');
  });
});
