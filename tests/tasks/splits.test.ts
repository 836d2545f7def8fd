import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../engine/index.js';
import { countItems, disjoint, openTask, sampleSplits, splitSizes, type AskedSizes, type Example, type Source } from '../../tasks/index.js';
import { sharedFolder } from '../support/shared.js';

const items = (prefix: string, count: number): Example[] =>
  Array.from({ length: count }, (_, index) => ({ prompt: `${prefix}${index}`, candidates: ['a', 'b'], answer: index % 2 }));

const source = (train: number, test: number): Source => ({
  train: items('train', train),
  test: items('test', test),
  files: [],
});
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

const inBoth = (train: readonly Example[], dev: readonly Example[]): string[] => {
  const trained = new Set(prompts(train));
  return prompts(dev).filter((prompt) => trained.has(prompt));
};

describe('items that ask the same, whatever their answers, are not both in train and dev', () => {
  // Every item three times, some with another answer; MultiRC, WSC and GLUE's SST-2 have such.
  const repeated = (count: number): Source => {
    const once = items('same', count);
    const otherwise = once.map((item, index) => ({ ...item, answer: index % 5 === 0 ? 1 - item.answer : item.answer }));
    return { ...source(0, 5), train: [...once, ...otherwise, ...once] };
  };

  test('at any sizes that they allow, and by class', () => {
    const counts = countItems(repeated(40));
    // Where none is alone, a group may have to be cut in two, of which dev cannot have the rest.
    expect(counts).toEqual({
      items: 118,
      classes: new Map([
        ['a', 16],
        ['b', 16],
      ]),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 117 }), fc.nat(1000), (trainSize, seed) => {
        const sizes = { trainSize, devSize: 118 - trainSize, testSize: 5 };
        for (const perClass of [null, 8]) {
          const { train, dev } = sampleSplits(repeated(40), { ...sizes, perClass }, seed);
          expect([train.length, dev.length]).toEqual(perClass === null ? [trainSize, 118 - trainSize] : [16, 16]);
          expect(inBoth(train, dev)).toEqual([]);
        }
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  test('and none of them is lost: where enough are alone, all of them are drawn at any sizes', () => {
    const groups = fc.array(fc.integer({ min: 2, max: 5 }), { maxLength: 12 });
    fc.assert(
      fc.property(groups, fc.integer({ min: 4, max: 40 }), fc.nat(), fc.nat(1000), (lengths, alone, where, seed) => {
        const again = lengths.flatMap((length, index) =>
          Array<Example[]>(length)
            .fill(items(`same${index} `, 1))
            .flat(),
        );
        const train = [...items('alone', alone), ...again];
        const trainSize = where % (train.length + 1);
        const sizes = { trainSize, devSize: train.length - trainSize, testSize: 5 };
        expect(countItems({ ...source(0, 5), train }).items).toBe(train.length);
        const drawn = sampleSplits({ ...source(0, 5), train }, sizes, seed);
        expect([drawn.train.length, drawn.dev.length]).toEqual([sizes.trainSize, sizes.devSize]);
        expect(inBoth(drawn.train, drawn.dev)).toEqual([]);
        expect(prompts([...drawn.train, ...drawn.dev]).sort()).toEqual(prompts(train).sort());
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  test('usual sizes are those that can be drawn, however often all items are there', () => {
    for (const times of [2, 3, 7]) {
      const train = Array.from({ length: times }, () => items('same', 11)).flat();
      const sizes = splitSizes(countItems({ ...source(0, 5), train }), {}, { trainSize: 1000, devSize: 500, testSize: 5 });
      for (let seed = 0; seed < 20; seed++) {
        const drawn = sampleSplits({ ...source(0, 5), train }, sizes, seed);
        expect([drawn.train.length, drawn.dev.length]).toEqual([sizes.trainSize, sizes.devSize]);
        expect(inBoth(drawn.train, drawn.dev)).toEqual([]);
      }
    }
  });

  test('a mask in another place asks something else', () => {
    const masked = [0, 7].map((maskAt) => ({ ...items('<mask>, <mask>', 1)[0], maskAt })) as Example[];
    expect(countItems({ ...source(0, 1), train: masked }).classes.get('a')).toBe(2);
    const tested = { train: masked, test: masked.slice(0, 1), files: [] };
    expect(disjoint(tested).source.train.map(({ maskAt }) => maskAt)).toEqual([7]);
  });

  test('a text that is generated is the same by its prompt alone', () => {
    const written = items('q', 4).map((item, index) => ({ ...item, prompt: 'q', candidates: [`${index}`], golds: [`${index}`] }));
    expect(countItems({ ...source(0, 1), train: written }).items).toBe(1);
  });
});

const realData = join(sharedFolder, 'data');
const isThere = existsSync(realData);
if (!isThere) console.warn(`skipped: no data in ${realData}`);

(isThere ? test : test.skip).each([
  ['wsc', 'causal', 100, [454, 100, 104]],
  ['trec', 'masked', 500, [1000, 500, 500]],
  ['rte', 'causal', 500, [1000, 500, 277]],
] as const)('the published %s, which has equal items, has the sizes of the papers and shares none', async (task, kind, devSize, sizes) => {
  const { source: all } = await openTask({ task, data: realData, template: 'aligned' }, kind);
  const { source: data } = disjoint(all);
  const usual = splitSizes(countItems(data), {}, { trainSize: 1000, devSize, testSize: 1000 });
  for (const seed of [0, 1]) {
    const { train, dev, test: held } = sampleSplits(data, usual, seed);
    expect([train.length, dev.length, held.length]).toEqual(sizes);
    expect([...inBoth(train, dev), ...inBoth([...train, ...dev], held)]).toEqual([]);
  }
});

describe('the sample', () => {
  // Of the code before items that ask the same were kept together: where there are none, nothing may change.
  test.each([
    ['sst2', 500, '56653dab28e0'],
    ['copa', 100, '72e1137e4a8e'],
    ['winogrande', 100, 'deaacaaafef9'],
    ['squad', 500, 'e6baaf657fc2'],
  ])('of the bundled %s is what it was', async (task, devSize, sha256) => {
    const { source: bundled } = await openTask({ task, data: 'bundled', template: 'aligned' }, 'causal');
    const hash = createHash('sha256');
    for (const seed of [0, 1, 2]) {
      const { train, dev, test: held } = sampleSplits(bundled, { trainSize: 1000, devSize, testSize: 1000 }, seed);
      const texts = [train, dev, held].map((part) => part.map(({ prompt, candidates }) => `${prompt}${candidates.join()}`));
      hash.update(JSON.stringify(texts));
    }
    expect(hash.digest('hex').slice(0, 12)).toBe(sha256);
  });

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

describe('the sizes', () => {
  const usual = { trainSize: 1000, devSize: 500, testSize: 1000 };
  const sizes = (count: number, asked: AskedSizes = {}, devSize = 500) => {
    const made = splitSizes(countItems(source(count, 30)), asked, { ...usual, devSize });
    return [made.trainSize, made.devSize, made.testSize];
  };

  test.each([
    // Enough for the usual ones; CB, COPA and WSC with a dev set of 100.
    { items: 1500, devSize: 500, wanted: [1000, 500] },
    { items: 250, devSize: 100, wanted: [150, 100] },
    { items: 400, devSize: 100, wanted: [300, 100] },
    { items: 554, devSize: 100, wanted: [454, 100] },
    // Dev takes at most a half.
    { items: 1400, devSize: 500, wanted: [900, 500] },
    { items: 32, devSize: 500, wanted: [16, 16] },
    { items: 33, devSize: 500, wanted: [17, 16] },
  ])('of $items items where nobody asks are $wanted', ({ items: count, devSize, wanted }) => {
    expect(sizes(count, {}, devSize)).toEqual([...wanted, 1000]);
  });

  test('asked for are kept, the other one gives way', () => {
    expect(sizes(250, { trainSize: 200 })).toEqual([200, 50, 1000]);
    expect(sizes(250, { devSize: 200, testSize: 7 })).toEqual([50, 200, 7]);
    expect(sizes(5000, { trainSize: 20, devSize: 10 })).toEqual([20, 10, 1000]);
  });

  test('are refused where more is asked for than there is', () => {
    const message = (train: number, dev: number, count: number) =>
      new UsageError(`--train-size ${train} and --dev-size ${dev} ask for ${train + dev} items, the data has ${count}`);
    expect(() => sizes(250, { trainSize: 200, devSize: 51 })).toThrow(message(200, 51, 250));
    expect(() => sizes(250, { trainSize: 250 })).toThrow(message(250, 1, 250));
    expect(() => sizes(250, { devSize: 250 })).toThrow(message(1, 250, 250));
  });
});

describe('items per class', () => {
  const counts = countItems(source(60, 30));

  test('are so many train and again so many dev items of each class, none of them twice', () => {
    const sizes = splitSizes(counts, { perClass: 15 }, { trainSize: 1, devSize: 1, testSize: 5 });
    expect(sizes).toEqual({ trainSize: 30, devSize: 30, testSize: 5 });
    const { train, dev, test: held } = sampleSplits(source(60, 30), { ...sizes, perClass: 15 }, 3);
    for (const part of [train, dev]) expect([0, 1].map((answer) => part.filter((item) => item.answer === answer).length)).toEqual([15, 15]);
    expect(new Set(prompts([...train, ...dev])).size).toBe(60);
    expect(held).toHaveLength(5);
    expect(prompts(sampleSplits(source(60, 30), { ...sizes, perClass: 4 }, 4).train)).not.toEqual(prompts(train.slice(0, 8)));
  });

  test('are refused where a class has not twice as many, or sizes are given too', () => {
    const usual = { trainSize: 1, devSize: 1, testSize: 5 };
    expect(() => splitSizes(counts, { perClass: 16 }, usual)).toThrow(
      '--per-class 16 asks for 32 items of each class, of "a" the data has 30',
    );
    expect(() => splitSizes(counts, { perClass: 1, devSize: 3 }, usual)).toThrow('give it without --train-size and --dev-size');
  });
});
