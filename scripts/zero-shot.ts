import { AnswerWriter, Engines, evaluate } from '../training/index.js';
import { cpuBackend, InputError, UsageError } from '../engine/index.js';
import { loadModel, loadTokenizer, openCheckpoint, paddingId, unadapted, type LanguageModel } from '../models/index.js';
import type { Evaluation } from '../records/index.js';
import {
  countItems,
  encodeExample,
  modelKind,
  openTask,
  sampleSplits,
  splitSizes,
  taskIds,
  type Example,
  type Task,
} from '../tasks/index.js';

/** The seed of a run whose dev set this is too. */
const SEED = 1;
const USUAL_TRAIN_SIZE = 1000;

export interface ZeroShot {
  readonly task: string;
  readonly metric: Task['metric'];
  readonly evaluation: Evaluation;
}

/** How good the model in a folder is on the dev set of each bundled task that it can be asked. */
export async function zeroShot(folder: string, threads: number): Promise<ZeroShot[]> {
  const model = await loadModel(openCheckpoint(folder), unadapted);
  const tokenizer = loadTokenizer(folder);
  const { dimensions } = model.architecture;
  const results: ZeroShot[] = [];
  for (const id of taskIds) {
    const asked = await devSet(id, model);
    if (!asked) continue;
    const { metric } = asked.task;
    const engines = new Engines(cpuBackend(threads), model, undefined, metric === 'f1' ? new AnswerWriter(model, tokenizer) : undefined);
    const encoded = asked.dev.map((example) => encodeExample(tokenizer, example, dimensions));
    results.push({ task: id, metric, evaluation: await evaluate(engines, encoded, paddingId(tokenizer, model)) });
  }
  return results;
}

/** undefined where there is no such data, or no such prompt for the model. */
async function devSet(id: string, model: LanguageModel): Promise<{ task: Task; dev: readonly Example[] } | undefined> {
  try {
    const { task, source } = await openTask({ task: id, data: 'bundled', template: 'aligned' }, modelKind(model));
    const sizes = splitSizes(countItems(source), {}, { trainSize: USUAL_TRAIN_SIZE, devSize: task.devSize, testSize: 0 });
    return { task, dev: sampleSplits(source, sizes, SEED).dev };
  } catch (error) {
    if (error instanceof InputError || error instanceof UsageError) return undefined;
    throw error;
  }
}
