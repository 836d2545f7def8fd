export { bootstrapInterval, type Interval, type Stratum } from './bootstrap.js';
export { normalInterval, wilsonInterval } from './intervals.js';
export { mean, median, quantile, sampleStd } from './moments.js';
export { LEVEL, holm, leastPValue, pairsNeeded, signedRankTest } from './significance.js';
