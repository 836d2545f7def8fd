import { noiseKey, uniformWord } from '../engine/kernels/noise.js';
import { LEVEL } from './significance.js';
import { studentQuantile } from './student.js';

/** One less than a round number: then both ends are order statistics (Davison and Hinkley 1997, section 2.4). */
const RESAMPLES = 1999;
const SEED = 2024;
/** The normal distribution's quantile at 1 - LEVEL / 2. */
const NORMAL_QUANTILE = 1.959964;

/** Draws that are exchangeable among themselves: how far each moves the estimate from what it is without it. They sum to zero. */
export type Stratum = readonly number[];

/** Lower and upper end. */
export type Interval = readonly [number, number];

/** What an estimate varies with. */
export interface Variation {
  /** Few and of unknown spread: their share of the interval is widened as Student's t is. */
  readonly few: readonly Stratum[];
  /** Hundreds. */
  readonly many: readonly Stratum[];
}

/**
 * A 95 % percentile bootstrap interval: every stratum is resampled with replacement, by itself; fixed seed. With few draws the plain
 * bootstrap is too narrow (three never leave their own range: 75 % instead of 95 %), so their part is widened by
 * t(df) / z · sqrt(n / (n - 1)), which gives Student's interval where they are normal (after Hesterberg 2015, section 5.3), with
 * Satterthwaite's degrees of freedom, rounded down, where several strata differ in spread.
 * @returns null where nothing can be resampled.
 */
export function bootstrapInterval(estimate: number, { few, many }: Variation): Interval | null {
  const repeated = few.filter((stratum) => stratum.length > 1);
  if (repeated.length + many.length === 0) return null;
  const freedom = degreesOfFreedom(repeated);
  const widening = freedom > 0 ? studentQuantile(1 - LEVEL / 2, freedom) / NORMAL_QUANTILE : 1;
  const widened = repeated.map((stratum) => scaled(stratum, widening * Math.sqrt(stratum.length / (stratum.length - 1))));
  const moves = resampledSums([...widened, ...many]).sort();
  const rank = Math.round(((RESAMPLES + 1) * LEVEL) / 2);
  return [estimate + (moves[rank - 1] ?? NaN), estimate + (moves[RESAMPLES - rank] ?? NaN)];
}

/** Of the variance of the sum over independent strata (Satterthwaite 1946); 0 where nothing varies. */
function degreesOfFreedom(strata: readonly Stratum[]): number {
  const variances = strata.map((stratum) => {
    const freedom = stratum.length - 1;
    return { freedom, variance: (stratum.reduce((sum, move) => sum + move ** 2, 0) * stratum.length) / freedom };
  });
  const total = variances.reduce((sum, { variance }) => sum + variance, 0);
  if (total === 0) return 0;
  return Math.floor(ROUNDING + 1 / variances.reduce((sum, { freedom, variance }) => sum + (variance / total) ** 2 / freedom, 0));
}

/** Strata of equal spread have whole degrees of freedom. */
const ROUNDING = 1e-6;

const scaled = (stratum: Stratum, factor: number): Stratum => stratum.map((move) => factor * move);

function resampledSums(strata: readonly Stratum[]): Float64Array {
  const words = randomWords(RESAMPLES * strata.reduce((sum, stratum) => sum + stratum.length, 0));
  let drawn = 0;
  const sums = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (const stratum of strata) {
      const perWord = stratum.length / 2 ** 32;
      for (let left = stratum.length; left > 0; left--) sum += stratum[((words[drawn++] ?? NaN) * perWord) | 0] ?? NaN;
    }
    sums[resample] = sum;
  }
  return sums;
}

/** The same for all intervals of a report: they are made once. */
let made = new Uint32Array(0);

function randomWords(count: number): Uint32Array {
  if (made.length < count) {
    const key = noiseKey(SEED, 'bootstrap');
    made = Uint32Array.from({ length: count }, (_, index) => uniformWord(key, index));
  }
  return made;
}
