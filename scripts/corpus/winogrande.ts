import { COMPARISONS, comparisonSentence, tellComparison, type ToldComparison } from './comparisons.js';
import { drawIntroduction, drawTwins } from './items.js';
import type { Bucket } from './partition.js';
import { hash32, Random } from './random.js';

const TRAIN_SIZE = 1600;
const TEST_SIZE = 1000;

/** An item of WinoGrande: which option belongs in the place of "_"? */
export interface WinoGrandeItem {
  /** Twins have the same but for its end, "-1" or "-2". */
  readonly qID: string;
  readonly sentence: string;
  readonly option1: string;
  readonly option2: string;
  readonly answer: '1' | '2';
}

type Twins = readonly [ToldComparison, ToldComparison];

/**
 * 1,600 and 1,000 items, in twins as in WinoGrande (Sakaguchi et al. 2020): two sentences that differ in their ending alone, with the same
 * options and opposite answers. An opening and an ending by themselves go with either answer.
 * What {A} is called in full decides which file a sentence belongs to.
 */
export function generateWinoGrande(seed: number): { readonly train: readonly WinoGrandeItem[]; readonly test: readonly WinoGrandeItem[] } {
  const random = new Random(seed).split('winogrande');
  return { train: drawItems(random.split('train'), 'train', TRAIN_SIZE), test: drawItems(random.split('test'), 'test', TEST_SIZE) };
}

function drawItems(random: Random, bucket: Bucket, size: number): WinoGrandeItem[] {
  return drawTwins(
    size,
    () => toItems(random, drawToldTwins(random, bucket)),
    ({ sentence }) => sentence,
  );
}

function drawToldTwins(random: Random, bucket: Bucket): Twins {
  const comparison = random.pick(COMPARISONS);
  const { scene, introduced } = drawIntroduction(random, bucket);
  const opening = random.bit();
  return [tellComparison(comparison, [opening, 0], scene, introduced), tellComparison(comparison, [opening, 1], scene, introduced)];
}

function toItems(random: Random, twins: Twins): [WinoGrandeItem, WinoGrandeItem] {
  const [first, second] = random.chance(0.5) ? twins : [twins[1], twins[0]];
  const options = { option1: first.named, option2: second.named };
  const id = hash32(comparisonSentence(first)).toString(36).toUpperCase().padStart(7, '0');
  const item = (told: ToldComparison, answer: '1' | '2'): WinoGrandeItem => ({
    qID: `${id}-${answer}`,
    sentence: `${told.opening} ${told.link} _ ${told.ending} .`,
    ...options,
    answer,
  });
  const items: [WinoGrandeItem, WinoGrandeItem] = [item(first, '1'), item(second, '2')];
  return random.chance(0.5) ? items : [items[1], items[0]];
}
