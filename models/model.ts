import { join } from 'node:path';
import { HEAP_BYTES, InputError, Parameters, stageParameters, type Stage } from '../engine/index.js';
import type { Checkpoint } from './checkpoint.js';
import type { Adapt, Architecture, Family } from './family.js';
import { llama } from './llama.js';
import { mistral } from './mistral.js';
import { objectiveStages, type Objective } from './objectives.js';
import { opt } from './opt.js';
import { roberta } from './roberta.js';

/** By `model_type` in config.json. */
const families: Readonly<Record<string, Family>> = { roberta, opt, llama, mistral };

/** What a fine-tuning scheme changes in a model: which parameters move, and which it adds. */
export interface Adaptation {
  readonly adapt?: Adapt;
  trains(parameter: string): boolean;
  /** Whether the scheme adds this parameter to the model; then no checkpoint has it and `initialise` fills it. */
  adds(parameter: string): boolean;
  initialise(name: string, shape: readonly number[], values: Float32Array): void;
}

/** A language model in memory: its architecture and its parameters. */
export interface LanguageModel {
  readonly architecture: Architecture;
  readonly parameters: Parameters;
  stages(objective: Objective): readonly Stage[];
  readonly positionInputs: Architecture['positionInputs'];
}

export function architectureOf(config: Readonly<Record<string, unknown>>, file: string, adapt?: Adapt): Architecture {
  const type = config.model_type;
  const family = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined;
  if (!family) {
    throw new InputError(`${file}: model_type: ${JSON.stringify(type)} is not supported (there are: ${Object.keys(families).join(', ')})`);
  }
  return family(config, file, adapt);
}

/**
 * Reads a checkpoint's parameters, those that `adaptation` adds being made by it.
 * @throws InputError, before memory is allocated, where the checkpoint is not what its configuration says or the model is too large.
 */
export function loadModel(checkpoint: Checkpoint, adaptation: Adaptation): LanguageModel {
  const architecture = architectureOf(checkpoint.config, join(checkpoint.folder, 'config.json'), adaptation.adapt);
  const stored = (parameter: string): string =>
    [parameter, ...architecture.alternatives(parameter)].find((name) => checkpoint.has(name)) ?? parameter;
  for (const [name, { shape }] of parametersOf(architecture)) {
    if (!adaptation.adds(name)) checkpoint.check(stored(name), shape);
  }
  checkFits(architecture, checkpoint.folder);
  const model = emptyModel(architecture, (name) => adaptation.trains(name));
  for (const parameter of model.parameters.all) {
    const values = model.parameters.values(parameter);
    if (adaptation.adds(parameter.name)) adaptation.initialise(parameter.name, parameter.shape, values);
    else checkpoint.read(stored(parameter.name), parameter.shape, values);
  }
  return model;
}

/** How many numbers a model's parameters are. */
export function countParameters(architecture: Architecture): number {
  return [...parametersOf(architecture).values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Every parameter of a model by name, with its shape and where it is used first. */
export const parametersOf = (architecture: Architecture): ReturnType<typeof stageParameters> =>
  stageParameters([...architecture.stages, ...objectiveStages(architecture, 'tokens')]);

/** @throws InputError where a model takes more memory than a run can hold; `source` is named. */
export function checkFits(architecture: Architecture, source: string): void {
  const bytes = 4 * countParameters(architecture);
  if (bytes <= HEAP_BYTES) return;
  const gib = (amount: number): string => `${(amount / 2 ** 30).toFixed(1)} GiB`;
  throw new InputError(`${source}: the model takes ${gib(bytes)} in float32, a run can hold ${gib(HEAP_BYTES)}`);
}

/** A model whose parameters are all zero. */
export function emptyModel(architecture: Architecture, trains: (name: string) => boolean): LanguageModel {
  const parameters = new Parameters();
  const stages = (objective: Objective): readonly Stage[] => [...architecture.stages, ...objectiveStages(architecture, objective)];
  for (const [name, { shape, stage, local }] of stageParameters(stages('tokens'))) parameters.add(name, shape, trains(name), stage, local);
  return { architecture, parameters, stages, positionInputs: architecture.positionInputs };
}

/** The model as it is, every parameter moving. */
export const unadapted: Adaptation = { trains: () => true, adds: () => false, initialise: () => undefined };
