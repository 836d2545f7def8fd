import { expect, test } from '@jest/globals';
import { median, quantile } from '../../statistics/index.js';

test('quantiles interpolate between the sorted values', () => {
  expect([0, 0.25, 0.5, 0.75, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 1.75, 2.5, 3.25, 4]);
  expect(quantile([7], 0.5)).toBe(7);
});

test('the median of an even number of values is the mean of the two in the middle; of none it is no number', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  expect(median([])).toBeNaN();
});
