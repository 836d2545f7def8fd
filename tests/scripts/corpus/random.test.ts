import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Random } from '../../../scripts/corpus/random.js';

const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.next());
const seeds = fc.integer({ min: 0, max: 0xffffffff });

describe('Random', () => {
  test('the same seed gives the same draws, another seed other draws', () => {
    expect(draws(new Random(7), 5)).toEqual(draws(new Random(7), 5));
    expect(draws(new Random(7), 5)).not.toEqual(draws(new Random(8), 5));
  });

  test('a child stream does not depend on what was drawn from its parent', () => {
    const fresh = new Random(7);
    const used = new Random(7);
    draws(used, 100);
    expect(draws(used.split('x'), 5)).toEqual(draws(fresh.split('x'), 5));
    expect(draws(fresh.split('x'), 5)).not.toEqual(draws(fresh.split('y'), 5));
  });

  test('draws are uniform: mean 1/2, variance 1/12, no correlation with the neighbouring child', () => {
    const n = 20_000;
    const values = draws(new Random(1).split(0), n);
    const neighbours = draws(new Random(1).split(1), n);
    const centred = values.map((value) => value - 0.5);
    const mean = centred.reduce((sum, value) => sum + value, 0) / n;
    const variance = centred.reduce((sum, value) => sum + value * value, 0) / n;
    const covariance = centred.reduce((sum, value, i) => sum + value * ((neighbours[i] ?? 0) - 0.5), 0) / n;
    // four standard errors: 1/sqrt(12 n), 1/sqrt(180 n), 1/(12 sqrt(n))
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(12 * n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 / Math.sqrt(180 * n));
    expect(Math.abs(covariance)).toBeLessThan(4 / (12 * Math.sqrt(n)));
  });

  test('integers reach both ends of their range and never leave it', () => {
    const random = new Random(3);
    expect(new Set(Array.from({ length: 200 }, () => random.integer(2, 4)))).toEqual(new Set([2, 3, 4]));
  });

  test('a sample has distinct members of the list', () => {
    const items = ['a', 'b', 'c', 'd', 'e'];
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 5 }), (seed, count) => {
        const sample = new Random(seed).sample(items, count);
        expect(new Set(sample).size).toBe(count);
        expect(items).toEqual(expect.arrayContaining(sample));
      }),
    );
  });

  test('weights are relative frequencies', () => {
    const random = new Random(5);
    const heavy = Array.from({ length: 4000 }, () => random.weighted({ heavy: 3, light: 1, never: 0 }));
    // four standard errors of a share of 3/4 in 4,000 draws
    expect(Math.abs(heavy.filter((key) => key === 'heavy').length / 4000 - 0.75)).toBeLessThan(0.028);
    expect(heavy).not.toContain('never');
  });

  test.each([-1, 1.5, 2 ** 32, Number.NaN])('seed %p is refused', (seed) => {
    expect(() => new Random(seed)).toThrow('give an integer from 0 to 4294967295');
  });

  test('an empty or too short list and weights without weight are refused', () => {
    expect(() => new Random(1).pick([])).toThrow('cannot draw from an empty list');
    expect(() => new Random(1).sample(['a'], 2)).toThrow('cannot draw 2 of 1 items');
    expect(() => new Random(1).weighted({ a: 0, b: 0 })).toThrow('weights of a, b: give at least one above 0');
  });
});
