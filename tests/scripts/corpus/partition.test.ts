import { describe, expect, test } from '@jest/globals';
import { bucketOf, drawInBucket, normalise } from '../../../scripts/corpus/partition.js';
import { Random } from '../../../scripts/corpus/random.js';

describe('the partition of sentences', () => {
  test('case and spacing do not change the bucket', () => {
    for (let i = 0; i < 100; i++) {
      expect(bucketOf(`  The film   number ${i} works . `)).toBe(bucketOf(`the film number ${i} works .`));
    }
    expect(normalise(' A  b\tC ')).toBe('a b c');
  });

  test('about 6 % of sentences are kept for training and 4 % for testing', () => {
    const buckets = Array.from({ length: 20_000 }, (_, i) => bucketOf(`sentence ${i} .`));
    const share = (bucket: string) => buckets.filter((other) => other === bucket).length / buckets.length;
    // four standard errors
    expect(Math.abs(share('train') - 0.06)).toBeLessThan(0.007);
    expect(Math.abs(share('test') - 0.04)).toBeLessThan(0.006);
  });

  test('a drawn sentence is in its bucket, and a source without one is reported', () => {
    const random = new Random(1);
    const sentence = drawInBucket('test', random, (source) => `sentence ${source.integer(0, 1e6)} .`);
    expect(bucketOf(sentence)).toBe('test');
    const corpusOnly = drawInBucket('corpus', random, (source) => `sentence ${source.integer(0, 1e6)} .`);
    expect(() => drawInBucket('test', random, () => corpusOnly)).toThrow('no test sentence in 10000 draws');
  });
});
