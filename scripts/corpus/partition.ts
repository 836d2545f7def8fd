import { hash32, type Random } from './random.js';

/** Where a sentence may be used. */
export type Bucket = 'corpus' | 'train' | 'test';

const TRAIN_PERCENT = 6;
const TEST_PERCENT = 4;
const MAX_DRAWS = 10_000;

/** The one spelling of a sentence that decides its bucket: lower case, single spaces, no spaces around. */
export function normalise(sentence: string): string {
  return sentence.toLowerCase().trim().replaceAll(/\s+/g, ' ');
}

/** The bucket of a sentence: a pure function of its words, so corpus, train and test stay disjoint however much is generated. */
export function bucketOf(sentence: string): Bucket {
  const percentile = hash32(normalise(sentence)) % 100;
  if (percentile < TRAIN_PERCENT) return 'train';
  return percentile < TRAIN_PERCENT + TEST_PERCENT ? 'test' : 'corpus';
}

/** Draws until the sentence belongs to `bucket`. @throws if the source seems to have no such sentence. */
export function drawInBucket(bucket: Bucket, random: Random, draw: (random: Random) => string): string {
  return drawWholeInBucket(
    bucket,
    () => draw(random),
    (sentence) => [sentence],
  );
}

/** Draws until all sentences of what is drawn belong to `bucket`, so that they still belong together. @throws as drawInBucket does. */
export function drawWholeInBucket<T>(bucket: Bucket, draw: () => T, sentencesOf: (drawn: T) => readonly string[]): T {
  for (let i = 0; i < MAX_DRAWS; i++) {
    const drawn = draw();
    if (sentencesOf(drawn).every((sentence) => bucketOf(sentence) === bucket)) return drawn;
  }
  throw new Error(`no ${bucket} sentence in ${MAX_DRAWS} draws: add templates or words`);
}
