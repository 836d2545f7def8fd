import { deriveSeed, permutation, UsageError } from '../engine/index.js';
import type { Example, Source } from './task.js';

export interface Sizes {
  readonly trainSize: number;
  readonly devSize: number;
  readonly testSize: number;
}

export interface Splits {
  readonly train: readonly Example[];
  readonly dev: readonly Example[];
  readonly test: readonly Example[];
}

const TRAIN_STREAM = 1;
const TEST_STREAM = 2;

/**
 * MeZO's protocol: train and dev sets are the start of one permutation of the training items, dev its end; the test set is
 * sampled from the held-out items, or is all of them where there are fewer.
 * @throws UsageError where train and dev ask for more items than there are.
 */
export function sampleSplits(source: Source, { trainSize, devSize, testSize }: Sizes, seed: number): Splits {
  const wanted = trainSize + devSize;
  if (wanted > source.train.length) {
    throw new UsageError(
      `--train-size ${trainSize} and --dev-size ${devSize} ask for ${wanted} items, the data has ${source.train.length}`,
    );
  }
  const picked = pick(source.train, wanted, deriveSeed(seed, TRAIN_STREAM));
  return {
    train: picked.slice(0, trainSize),
    dev: picked.slice(trainSize),
    test: pick(source.test, testSize, deriveSeed(seed, TEST_STREAM)),
  };
}

function pick(items: readonly Example[], count: number, seed: number): Example[] {
  return permutation(items.length, seed)
    .slice(0, count)
    .map((index) => items[index])
    .filter((item) => item !== undefined);
}
