import type { LanguageModel, Tokenizer } from '../models/index.js';
import { mean } from '../statistics/index.js';
import type { CellSettings, CompletedRecord } from '../records/index.js';
import {
  demonstrate,
  drawDemonstrations,
  encodeExample,
  modelKind,
  sampleSplits,
  type EncodedExample,
  type Example,
  type Task,
} from '../tasks/index.js';
import { openData } from './open-data.js';
import { demonstrationSeed } from '../training/index.js';

/** What a cell is trained and judged on. */
export interface CellItems {
  readonly task: Task;
  readonly files: readonly string[];
  /** Training items of the data set that were left out, as test items ask the same. */
  readonly overlap: number;
  readonly train: readonly EncodedExample[];
  readonly dev: readonly EncodedExample[];
  readonly test: readonly EncodedExample[];
  readonly testPlaces: TestPlaces;
  readonly inContext?: ItemsInContext;
}

/** Dev and test items after demonstrations. */
export interface ItemsInContext {
  readonly dev: readonly EncodedExample[];
  readonly test: readonly EncodedExample[];
  readonly demonstrations: NonNullable<CompletedRecord['demonstrations']>;
}

/** Where the test items are in the data set: how many it has, and the place of each of `test` among them. */
export interface TestPlaces {
  readonly count: number;
  readonly places: readonly number[];
}

/**
 * Draws a cell's items and encodes them, with `shots` also after so many demonstrations; of the rest of the data set nothing stays in
 * memory. Throws UsageError, InputError.
 */
export async function cellItems(settings: CellSettings, model: LanguageModel, tokenizer: Tokenizer, shots?: number): Promise<CellItems> {
  const { task, source, overlap } = await openData(settings, modelKind(model));
  const { train, dev, test } = sampleSplits(source, settings, settings.seed);
  const { dimensions } = model.architecture;
  const encode = (examples: readonly Example[]): EncodedExample[] =>
    examples.map((example) => encodeExample(tokenizer, example, dimensions));
  const testPlaces = { count: source.test.length, places: placesIn(source.test, test) };
  const encoded = { task, files: source.files, overlap, train: encode(train), dev: encode(dev), test: encode(test), testPlaces };
  if (shots === undefined) return encoded;
  const demonstrations = drawDemonstrations(train, shots, demonstrationSeed(settings.seed));
  const inContext = (examples: readonly Example[]) =>
    examples.map((item) => demonstrate(tokenizer, demonstrations, item, dimensions.maxLength));
  const [devAfter, testAfter] = [inContext(dev), inContext(test)];
  return {
    ...encoded,
    inContext: {
      dev: encode(devAfter.map(({ example }) => example)),
      test: encode(testAfter.map(({ example }) => example)),
      demonstrations: countsOf(
        demonstrations.length,
        testAfter.map((item) => item.shots),
      ),
    },
  };
}

const countsOf = (drawn: number, shots: readonly number[]): ItemsInContext['demonstrations'] => ({
  drawn,
  fewest: Math.min(...shots),
  mean: mean(shots),
});

function placesIn(items: readonly Example[], some: readonly Example[]): number[] {
  const places = new Map(items.map((item, place) => [item, place]));
  return some.map((item) => places.get(item) ?? NaN);
}

/** A character for each test item that the data set has, whatever was drawn of them: "1" answered rightly, "0" wrongly, "-" not asked. */
export function answerLine({ count, places }: TestPlaces, answers: readonly boolean[]): string {
  const line = Array<string>(count).fill('-');
  places.forEach((place, index) => (line[place] = answers[index] === true ? '1' : '0'));
  return line.join('');
}
