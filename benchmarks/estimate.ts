import type { ParameterPlace } from '../engine/index.js';
import { architectureOf, countParameters, modelConfig, parametersOf, type ModelConfig } from '../models/index.js';
import { schemeNamed, type Scheme } from '../schemes/index.js';
import type { OptimizerTraits } from './cells.js';
import { isTrained, type CellSettings } from '../reports/index.js';
import { modelKind, type ModelKind } from '../tasks/index.js';

// How long a cell will roughly take, from shapes alone: for --plan, never for a record. Its memory: memory/cell.ts.

/** Nominal speed of one thread; what a CPU core reaches on the products of a small model. */
export const FLOPS_PER_SECOND_PER_THREAD = 40e9;

/** Length of a short sentence in its prompt. */
export const TOKENS_PER_EXAMPLE = 64;

/** A tangent or backward pass, in forward passes. */
const TANGENT_PASSES = 1;
const BACKWARD_PASSES = 2;

export interface ModelSize {
  readonly kind: ModelKind;
  readonly parameters: number;
  /** Longest text, in tokens. */
  readonly maxLength: number;
  /** The parameters that the scheme trains. */
  readonly trained: readonly TrainedParameter[];
}

export interface TrainedParameter extends ParameterPlace {
  readonly shape: readonly number[];
}

/** Time of a cell on the CPU; right within a small factor. */
export function estimateSeconds(settings: CellSettings, optimizer: OptimizerTraits, model: ModelSize): number {
  return secondsOf(settings, isTrained(settings) ? passesPerStep(optimizer, model.trained, settings) : 0, model);
}

/** Forward passes of a step, on average, where these parameters are trained. */
export function forwardsPerStep(
  { forwards, perBlock, forwardsPerTrainingBatch = 0 }: OptimizerTraits['cost'],
  trained: readonly ParameterPlace[],
  { trainSize, batchSize }: Pick<CellSettings, 'trainSize' | 'batchSize'>,
): number {
  const byBlock = perBlock ? perBlock.forwards * perBlock.blocks(trained) : 0;
  return forwards + byBlock + forwardsPerTrainingBatch * Math.ceil(trainSize / batchSize);
}

function passesPerStep({ order, cost }: OptimizerTraits, trained: readonly ParameterPlace[], settings: CellSettings): number {
  const forwards = forwardsPerStep(cost, trained, settings);
  const tangents = order === 'forward-mode' ? forwards : 0;
  return forwards + TANGENT_PASSES * tangents + BACKWARD_PASSES * cost.backwards;
}

function secondsOf(settings: CellSettings, passes: number, model: ModelSize): number {
  const { steps, batchSize, devSize, testSize, evaluateEvery, threads } = settings;
  const evaluated = devSize * (1 + Math.floor(steps / evaluateEvery)) + 2 * testSize;
  const tokens = (steps * batchSize * passes + evaluated) * TOKENS_PER_EXAMPLE + trainingFreeTokens(settings, model);
  return (2 * model.parameters * tokens) / (FLOPS_PER_SECOND_PER_THREAD * threads);
}

/** What demonstrations, or the features of a probe, add to the evaluations that every cell has. */
function trainingFreeTokens({ scheme, trainSize, devSize, testSize }: CellSettings, { maxLength }: ModelSize): number {
  const { trainingFree } = schemeNamed(scheme);
  if (trainingFree?.method === 'in-context') return (devSize + testSize) * Math.min(maxLength, trainingFree.shots * TOKENS_PER_EXAMPLE);
  return trainingFree?.method === 'linear-probing' ? (trainSize + devSize) * TOKENS_PER_EXAMPLE : 0;
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
  const { maxLength } = architecture.dimensions;
  const trained = [...parametersOf(architecture)].filter(([name]) => adaptation.trains(name)).map(([, place]) => place);
  return { kind: modelKind({ architecture }), parameters: countParameters(architecture), maxLength, trained };
}
