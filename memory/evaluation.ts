import type { PhantomBackend } from '../engine/index.js';
import { Decoder } from '../models/index.js';
import { choiceBatch, newTokens, type EncodedExample } from '../tasks/index.js';
import { type Engines, BATCH_TOKENS, evaluationBatches } from '../training/index.js';
import type { ItemLengths } from '../cell/index.js';
import { batchBytes, TOKEN } from './step.js';

/** What a cell is judged by, beside its steps. */
export interface JudgedItems extends Pick<ItemLengths, 'prompt' | 'candidates' | 'answer'> {
  /** Whether the model writes its answers, in place of choosing a candidate. */
  readonly writes: boolean;
}

/** Has a model without numbers judge a full batch of such items; gives the bytes of what is held beside the sessions. */
export async function evaluateOnce(engines: Engines, { realBytes }: PhantomBackend, items: JudgedItems): Promise<number> {
  return realBytes * (items.writes ? await write(engines, items) : await choose(engines, items));
}

/** So many that all is piled up that ever waits for the garbage collector. */
const BATCHES = 16;

/** Elements of the batch. */
async function choose({ model, staged }: Engines, items: JudgedItems): Promise<number> {
  const example = exampleLike(items, model.architecture.dimensions.maxLength, model.architecture.attends(-1));
  const [group = [example]] = evaluationBatches(manyOf(example), () => tokensOf(example));
  const batch = choiceBatch(model, group, TOKEN);
  for (let time = 0; time < BATCHES; time++) await staged.run(model.stages(batch.objective), batch.tensors);
  return batchBytes([batch], 1);
}

/** The one at work, and the last one's, which waits for the garbage collector. */
const DECODERS = 2;

/** Elements of the keys and values that are kept. */
async function write({ model, staged }: Engines, { prompt }: JudgedItems): Promise<number> {
  const { maxLength } = model.architecture.dimensions;
  const answerTokens = newTokens(maxLength);
  const question = Array<number>(Math.min(maxLength - answerTokens, Math.ceil(prompt))).fill(TOKEN);
  const [group = [question]] = evaluationBatches(manyOf(question), () => question.length + answerTokens);
  const decoder = new Decoder(staged, model, group.length, question.length + answerTokens - 1);
  await decoder.read(group);
  for (let token = 1; token < answerTokens; token++) await decoder.read(group.map(() => [TOKEN]));
  return DECODERS * decoder.keptElements;
}

/** As often as a batch can hold it. */
const manyOf = <Item>(item: Item): Item[] => Array<Item>(BATCH_TOKENS).fill(item);

const tokensOf = ({ trunk, branches }: EncodedExample): number => branches.reduce((sum, { tokens }) => sum + tokens.length, trunk.length);

/** The candidates as long as each other, as many as follows from what they are together. */
function exampleLike({ prompt, candidates, answer }: JudgedItems, maxLength: number, isMasked: boolean): EncodedExample {
  const count = Math.max(2, Math.round(candidates / Math.max(1, answer)));
  // The last token of a candidate is only predicted; what stands for a mask is nothing but that.
  const tokens = Array<number>(1 + (isMasked ? 0 : Math.round(candidates / count))).fill(TOKEN);
  const trunk = Array<number>(Math.max(1, Math.min(Math.ceil(prompt), maxLength - tokens.length))).fill(TOKEN);
  const branches = Array<EncodedExample['branches'][0]>(count).fill({ tokens, scored: tokens.length });
  return { trunk, branches, answer: 0, ...(isMasked && { mask: 0 }) };
}
