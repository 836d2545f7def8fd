import type { ParameterPlace } from '../../engine/index.js';
import { architectureOf, countParameters, modelConfig, parametersOf, type ModelConfig } from '../../models/index.js';
import { schemeNamed, type Scheme } from '../../schemes/index.js';
import type { OptimizerTraits } from '../../optimizers/index.js';
import { BATCH_TOKENS } from '../../training/index.js';
import { isTrained } from '../../records/trained.js';
import type { CellSettings } from '../../records/index.js';
import { modelKind, newTokens, type ModelKind } from '../../tasks/index.js';
import type { PlannedData } from '../../cell/index.js';

// How long a cell will roughly take, from shapes and the data's lengths: for --plan, never for a record. Its memory: memory/cell.ts.
//
// The times below are of one core of the AMD EPYC that results/reference were run on: fitted to the cells of opt-mini in its
// schemes/results.csv and rounded to the slow side, since most machines have other things to do too. The other cells there check them.

/** Nominal speed of one thread, on the products of a small model. */
export const FLOPS_PER_SECOND_PER_THREAD = 50e9;
/** A process, its libraries, the model, the data. */
const START_SECONDS = 1.6;
/** What a run of the model takes besides its products. */
const PASS_SECONDS = 3e-3;
/** A trained parameter, for each point that is looked at: perturbed, and moved in the end. */
const PARAMETER_SECONDS = 2e-9;
/** A token of a text that is encoded. */
const ENCODING_SECONDS = 5e-6;
/** Linear probing: all fits together, for a feature of an item and a class. */
const FIT_SECONDS = 1e-4;

/** How often an item's text with its demonstrations is encoded: to find how many of them fit, and in the end. */
const ENCODINGS_IN_CONTEXT = 10;
/** The longest answer of a batch, in answers of mean length: the others wait for it. */
const LONGEST_ANSWER = 2;

export interface ModelSize {
  readonly kind: ModelKind;
  readonly parameters: number;
  /** Longest text, in tokens. */
  readonly maxLength: number;
  /** Rows of the embedding. */
  readonly vocabularySize: number;
  /** Of the features that the head sees. */
  readonly width: number;
  /** Tokens that the scheme puts before a text. */
  readonly virtualTokens: number;
  /** The parameters that the scheme trains. */
  readonly trained: readonly TrainedParameter[];
  readonly blocks: BlockSize;
  /** What its configuration says and nobody here knows, a line each. */
  readonly warnings: readonly string[];
}

/** Of the blocks, which every token goes through; of embeddings and head it meets a few rows. */
export interface BlockSize {
  readonly parameters: number;
  /** Share of the blocks' parameters that the scheme trains. */
  readonly trained: number;
  /** Share of the blocks from the first on that the scheme changes: the others compute the same for all points, and need no gradient. */
  readonly moving: number;
}

export interface TrainedParameter extends ParameterPlace {
  readonly shape: readonly number[];
}

/** What a model does: how often it runs, and how many tokens go through its blocks, those of a derivative counted as what they cost. */
export interface Work {
  readonly passes: number;
  readonly tokens: number;
}

/** Time of a cell on the CPU; right within a small factor. */
export function estimateSeconds(settings: CellSettings, optimizer: OptimizerTraits, model: ModelSize, data: PlannedData): number {
  const { steps, threads } = settings;
  const step = isTrained(settings) ? stepWork(settings, optimizer, model, data) : NOTHING;
  const judged = judgingWork(settings, model, data);
  const passes = steps * step.passes + judged.passes;
  const operations = 2 * model.blocks.parameters * (steps * step.tokens + judged.tokens);
  const moved = steps * step.passes * countOf(model.trained);
  return (
    START_SECONDS +
    PASS_SECONDS * passes +
    PARAMETER_SECONDS * moved +
    operations / (FLOPS_PER_SECOND_PER_THREAD * threads) +
    besidesTheModel(settings, model, data)
  );
}

const NOTHING: Work = { passes: 0, tokens: 0 };
const both = (one: Work, other: Work): Work => ({ passes: one.passes + other.passes, tokens: one.tokens + other.tokens });

/** Forward passes of a step, on average, where these parameters are trained. */
export function forwardsPerStep(
  { forwards, perBlock, forwardsPerTrainingBatch = 0 }: OptimizerTraits['cost'],
  trained: readonly ParameterPlace[],
  { trainSize, batchSize }: Pick<CellSettings, 'trainSize' | 'batchSize'>,
): number {
  const byBlock = perBlock ? perBlock.forwards * perBlock.blocks(trained) : 0;
  return forwards + byBlock + forwardsPerTrainingBatch * Math.ceil(trainSize / batchSize);
}

/** Of a step, on average. */
export function stepWork(settings: CellSettings, { order, cost }: OptimizerTraits, model: ModelSize, data: PlannedData): Work {
  const { moving, trained } = model.blocks;
  const forwards = forwardsPerStep(cost, model.trained, settings);
  const derivatives = order === 'forward-mode' ? forwards : cost.backwards;
  // Points come in pairs; before the first block that changes they are one.
  const forwardCost = moving * forwards + (1 - moving) * Math.max(1, forwards / 2);
  // Through the activations, and for the weights that are trained.
  const derivativeCost = derivatives * (moving + trained);
  const { prompt, candidates, answer } = data.lengths;
  const item = model.virtualTokens + prompt + (data.task.training === 'choice' ? candidates : answer);
  return { passes: forwards + 2 * derivatives, tokens: settings.batchSize * item * (forwardCost + derivativeCost) };
}

/** Of all evaluations: dev at the beginning, during training and at its end, test before and after. */
export function judgingWork(settings: CellSettings, model: ModelSize, data: PlannedData): Work {
  const { steps, evaluateEvery, devSize, trainSize, scheme } = settings;
  const { prompt } = data.lengths;
  const test = testItems(settings, data);
  const asked = (devTimes: number, testTimes: number, length: number): Work =>
    judging(devTimes * devSize + testTimes * test, length, model, data);
  if (isTrained(settings)) return asked(1 + Math.ceil(steps / evaluateEvery), 2, model.virtualTokens + prompt);
  const atOnce = asked(1, 1, prompt);
  const { trainingFree } = schemeNamed(scheme);
  if (trainingFree?.method === 'in-context') return both(atOnce, asked(1, 1, contextLength(trainingFree.shots, model, data)));
  return trainingFree?.method === 'linear-probing' ? both(atOnce, inBatches(trainSize + devSize + test, prompt)) : atOnce;
}

const testItems = ({ testSize }: CellSettings, data: PlannedData): number => Math.min(testSize, data.testItems);

/** Of a prompt after its demonstrations, as far as the model takes it. */
const contextLength = (shots: number, { maxLength }: ModelSize, { lengths: { prompt, answer } }: PlannedData): number =>
  Math.min(maxLength, prompt + shots * (prompt + answer));

/** Of so many items after prompts of that length: all candidates are scored, or an answer is written. */
function judging(items: number, prompt: number, model: ModelSize, { task, lengths }: PlannedData): Work {
  if (task.metric === 'accuracy') return inBatches(items, prompt + lengths.candidates);
  const room = newTokens(model.maxLength);
  const written = Math.min(room, 1 + LONGEST_ANSWER * lengths.answer);
  // The prompts are read at once, their answers a token at a time.
  return { passes: written * inBatches(items, prompt + room).passes, tokens: items * (prompt + written) };
}

/** Items of so many tokens in an evaluation's batches. */
const inBatches = (items: number, length: number): Work => ({ passes: items / Math.max(1, BATCH_TOKENS / length), tokens: items * length });

/** What a scheme without training does besides, in seconds. */
function besidesTheModel(settings: CellSettings, model: ModelSize, data: PlannedData): number {
  const { trainingFree } = schemeNamed(settings.scheme);
  if (trainingFree?.method === 'linear-probing') return FIT_SECONDS * settings.trainSize * model.width * data.counts.classes.size;
  if (trainingFree?.method !== 'in-context') return 0;
  const texts = ENCODINGS_IN_CONTEXT * (settings.devSize + testItems(settings, data));
  return ENCODING_SECONDS * texts * contextLength(trainingFree.shots, model, data);
}

/**
 * A model's size under a scheme, from its configuration alone; weights need not be there.
 * @throws UsageError, InputError
 */
export const modelSize = async (name: string, scheme: string): Promise<ModelSize> => sizeOf(await modelConfig(name), schemeNamed(scheme));

/** @throws InputError where the configuration is not one of a family that zobench knows. */
export function sizeOf({ config, source }: ModelConfig, scheme: Scheme): ModelSize {
  const adaptation = scheme.adaptation(0);
  const architecture = architectureOf(config, source, adaptation.hooks);
  const { dimensions, head, virtualTokens, stages } = architecture;
  const all = [...parametersOf(architecture)];
  const trained = all.filter(([name]) => adaptation.trains(name)).map(([, place]) => place);
  return {
    kind: modelKind({ architecture }),
    parameters: countParameters(architecture),
    maxLength: dimensions.maxLength,
    vocabularySize: dimensions.vocabularySize,
    width: head.shape[1],
    virtualTokens: virtualTokens.length,
    trained,
    warnings: architecture.warnings,
    blocks: blockSize(
      stages.map(({ name }) => name),
      all.map(([, place]) => place),
      trained,
    ),
  };
}

function blockSize(stages: readonly string[], all: readonly TrainedParameter[], trained: readonly TrainedParameter[]): BlockSize {
  const blocks = stages.filter((name) => name.startsWith('block.'));
  const countIn = (some: readonly TrainedParameter[]): number => countOf(some.filter(({ stage }) => blocks.includes(stage)));
  const first = stages.findIndex((name) => trained.some(({ stage }) => stage === name));
  const moving = first < 0 ? 0 : blocks.filter((name) => stages.indexOf(name) >= first).length;
  const parameters = countIn(all);
  return { parameters, trained: countIn(trained) / parameters, moving: moving / blocks.length };
}

const countOf = (parameters: readonly TrainedParameter[]): number =>
  parameters.reduce((count, { shape }) => count + shape.reduce((a, b) => a * b, 1), 0);
