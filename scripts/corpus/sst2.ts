import { bucketOf, type Bucket, normalise } from './partition.js';
import { Random } from './random.js';
import { drawTone, drawTopic, reviewSentence } from './reviews.js';

const TRAIN_SIZE = 2000;
const TEST_SIZE = 1000;
/** As in the corpus by default: about half of the sentences are in mild words. */
const STRONG_SHARE = 0.45;

/** A labelled sentence as in GLUE's SST-2: 1 is positive, 0 negative. */
export interface Sst2Example {
  readonly sentence: string;
  readonly label: 0 | 1;
}

export interface Sst2Data {
  /** 2,000 examples, half of each label. */
  readonly train: readonly Sst2Example[];
  /** 1,000 examples, half of each label. */
  readonly test: readonly Sst2Example[];
}

/** Distinct labelled sentences; none of them can occur in the corpus, whatever its length, nor in both parts. */
export function generateSst2(seed: number): Sst2Data {
  const random = new Random(seed).split('sst-2');
  return {
    train: drawExamples(random.split('train'), 'train', TRAIN_SIZE),
    test: drawExamples(random.split('test'), 'test', TEST_SIZE),
  };
}

/** A GLUE file: a header line, then sentence, tab, label; GLUE's sentences end with a space. */
export function toTsv(examples: readonly Sst2Example[]): string {
  return ['sentence\tlabel', ...examples.map(({ sentence, label }) => `${sentence} \t${label}`), ''].join('\n');
}

function drawExamples(random: Random, bucket: Bucket, size: number): Sst2Example[] {
  const seen = new Set<string>();
  const missing = { positive: size / 2, negative: size / 2 };
  const examples: Sst2Example[] = [];
  while (examples.length < size) {
    const tone = drawTone(random, 0.5, STRONG_SHARE);
    const sentence = reviewSentence(random, tone, drawTopic(random));
    if (missing[tone.polarity] === 0 || bucketOf(sentence) !== bucket || seen.has(normalise(sentence))) continue;
    seen.add(normalise(sentence));
    missing[tone.polarity]--;
    examples.push({ sentence, label: tone.polarity === 'positive' ? 1 : 0 });
  }
  return examples;
}
