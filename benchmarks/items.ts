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
}

/** Draws a cell's items and encodes them; of the rest of the data set nothing stays in memory. Throws UsageError, InputError. */
export async function cellItems(settings: CellSettings, model: LanguageModel, tokenizer: Tokenizer): Promise<CellItems> {
  const { task, source } = await openTask(settings, modelKind(model));
  const { train, dev, test } = sampleSplits(source, settings, settings.seed);
  const { maxLength } = model.architecture.dimensions;
  const encode = (examples: readonly Example[]): EncodedExample[] =>
    examples.map((example) => encodeExample(tokenizer, example, maxLength));
  return { task, files: source.files, train: encode(train), dev: encode(dev), test: encode(test) };
}
