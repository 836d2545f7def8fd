import { mean } from './moments.js';

/** Two-sided 95 % of the standard normal distribution. */
const Z = 1.959964;

/** 95 % interval of the mean of values from 0 to 1, by the normal approximation: mean +- z s / sqrt(n). */
export function normalInterval(values: readonly number[]): [number, number] {
  const centre = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, values.length - 1);
  const half = Z * Math.sqrt(variance / values.length);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** 95 % interval of a binomial share (Wilson 1927). */
export function wilsonInterval(correct: number, total: number): [number, number] {
  const share = correct / total;
  const centre = (share + Z ** 2 / (2 * total)) / (1 + Z ** 2 / total);
  const half = (Z / (1 + Z ** 2 / total)) * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
