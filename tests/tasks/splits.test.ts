import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../engine/index.js';
import { sampleSplits, type Example, type Source } from '../../tasks/index.js';

const items = (prefix: string, count: number): Example[] =>
  Array.from({ length: count }, (_, index) => ({ prompt: `${prefix}${index}`, candidates: ['a', 'b'], answer: index % 2 }));

const source = (train: number, test: number): Source => ({ train: items('train', train), test: items('test', test), files: [] });
const prompts = (examples: readonly Example[]): string[] => examples.map(({ prompt }) => prompt);

test('train, dev and test have the sizes asked for, without an item twice, test items from the held-out ones', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(20), fc.nat(30), fc.nat(1000), (trainSize, devSize, testSize, seed) => {
      const { train, dev, test } = sampleSplits(source(60, 30), { trainSize, devSize, testSize }, seed);
      expect([train.length, dev.length, test.length]).toEqual([trainSize, devSize, testSize]);
      expect(new Set(prompts([...train, ...dev])).size).toBe(trainSize + devSize);
      expect(new Set(prompts(test)).size).toBe(testSize);
      expect(prompts([...train, ...dev]).every((prompt) => prompt.startsWith('train'))).toBe(true);
      expect(prompts(test).every((prompt) => prompt.startsWith('test'))).toBe(true);
    }),
    { seed: 1 },
  );
});

describe('the sample', () => {
  const sizes = { trainSize: 20, devSize: 10, testSize: 15 };

  test('is drawn from the seed alone', () => {
    expect(sampleSplits(source(60, 30), sizes, 4)).toEqual(sampleSplits(source(60, 30), sizes, 4));
    const [one, other] = [sampleSplits(source(60, 30), sizes, 4), sampleSplits(source(60, 30), sizes, 5)];
    for (const split of ['train', 'dev', 'test'] as const) expect(prompts(one[split])).not.toEqual(prompts(other[split]));
  });

  test('is not the beginning of the file', () => {
    const { train } = sampleSplits(source(60, 30), sizes, 0);
    expect(prompts(train).sort()).not.toEqual(prompts(items('train', 20)).sort());
  });

  test('takes dev items from the end of one permutation: they do not depend on where train ends within it', () => {
    const all = sampleSplits(source(60, 30), { ...sizes, trainSize: 30, devSize: 0 }, 4).train;
    const { train, dev } = sampleSplits(source(60, 30), sizes, 4);
    expect([...train, ...dev]).toEqual(all);
  });

  test('is every held-out item where there are fewer than asked for', () => {
    const { test: held } = sampleSplits(source(60, 30), { ...sizes, testSize: 1000 }, 4);
    expect(prompts(held).sort()).toEqual(prompts(items('test', 30)).sort());
  });

  test('may use every training item, and no more', () => {
    expect(sampleSplits(source(30, 30), sizes, 0).dev).toHaveLength(10);
    expect(() => sampleSplits(source(29, 30), sizes, 0)).toThrow(
      new UsageError('--train-size 20 and --dev-size 10 ask for 30 items, the data has 29'),
    );
    expect(() => sampleSplits(source(29, 30), sizes, 0)).toThrow(UsageError);
  });
});
