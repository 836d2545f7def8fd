import type { LanguageModel, Tokenizer } from '../models/index.js';
import type { CellSettings } from '../reports/index.js';
import { encodeExample, modelKind, openTask, sampleSplits, type EncodedExample, type Example, type Task } from '../tasks/index.js';

/** What a cell is trained and judged on. */
export interface CellItems {
  readonly task: Task;
  readonly files: readonly string[];
  readonly train: readonly EncodedExample[];
  readonly dev: readonly EncodedExample[];
  readonly test: readonly EncodedExample[];
  readonly testPlaces: TestPlaces;
}

/** Where the test items are in the data set: how many it has, and the place of each of `test` among them. */
export interface TestPlaces {
  readonly count: number;
  readonly places: readonly number[];
}

/** Draws a cell's items and encodes them; of the rest of the data set nothing stays in memory. Throws UsageError, InputError. */
export async function cellItems(settings: CellSettings, model: LanguageModel, tokenizer: Tokenizer): Promise<CellItems> {
  const { task, source } = await openTask(settings, modelKind(model));
  const { train, dev, test } = sampleSplits(source, settings, settings.seed);
  const { maxLength } = model.architecture.dimensions;
  const encode = (examples: readonly Example[]): EncodedExample[] =>
    examples.map((example) => encodeExample(tokenizer, example, maxLength));
  const testPlaces = { count: source.test.length, places: placesIn(source.test, test) };
  return { task, files: source.files, train: encode(train), dev: encode(dev), test: encode(test), testPlaces };
}

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
