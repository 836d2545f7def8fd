import { InputError, Parameters, stageParameters, type ParameterSource, type Stage } from '../engine/index.js';
import type { Checkpoint } from './checkpoint.js';
import { decodingStages, seeingThePast } from './decoding.js';
import type { Architecture, BackboneOf, Hooks } from './family.js';
import { llama } from './llama.js';
import { mistral } from './mistral.js';
import { objectiveStages, type Objective } from './objectives.js';
import { opt } from './opt.js';
import { QUANTIZATION_FIELD, quantizationSettings } from './quantized/index.js';
import { loadTensors, type StoredTensor } from './read-tensors.js';
import { roberta } from './roberta.js';
import { memoryBytes, streamsFrozen, type Streaming, type WeightBytes } from './streaming.js';
import { withVirtualTokens } from './virtual-tokens.js';

/** By `model_type` in config.json. */
const families: Readonly<Record<string, BackboneOf>> = { roberta, opt, llama, mistral };

/** What a fine-tuning scheme changes in a model: which parameters move, and which it adds. */
export interface Adaptation {
  readonly hooks?: Hooks;
  trains(parameter: string): boolean;
  /** Whether the scheme adds this parameter to the model; then no checkpoint has it and `initialise` fills it. */
  adds(parameter: string): boolean;
  initialise(name: string, shape: readonly number[], values: Float32Array): void;
  /** Sets added parameters that follow from what the model computes, once all others have their values. */
  readonly initialiseFrom?: (model: LoadedModel) => Promise<void>;
  /** Writes the trained model to a folder in the scheme's own format; `base` is what the checkpoint is known by. */
  readonly save?: (folder: string, model: LanguageModel, base: string) => void;
}

/** A checkpoint's parameters in memory, with the model as other hooks would have it. */
export interface LoadedModel {
  readonly parameters: Parameters;
  readonly seenThrough: (hooks: Hooks) => Architecture;
}

/** A language model: its architecture and its parameters. */
export interface LanguageModel {
  readonly architecture: Architecture;
  readonly parameters: Parameters;
  stages(objective: Objective): readonly Stage[];
  readonly positionInputs: Architecture['positionInputs'];
  readonly tokenInputs: Architecture['tokenInputs'];
}

/** @throws InputError naming `file` and the field; UsageError where the hooks do not suit the model. */
export function architectureOf(config: Readonly<Record<string, unknown>>, file: string, hooks: Hooks = {}): Architecture {
  const type = config.model_type;
  const family = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined;
  if (!family) {
    throw new InputError(`${file}: model_type: ${JSON.stringify(type)} is not supported (there are: ${Object.keys(families).join(', ')})`);
  }
  const quantization = quantizationSettings(config[QUANTIZATION_FIELD], file);
  hooks.checkLayers?.(linearLayers(family, config, file));
  const backbone = family(config, file, hooks);
  const withOwn = (stages: readonly Stage[]): readonly Stage[] => [...(hooks.before ?? []), ...stages];
  return {
    ...withVirtualTokens({ ...backbone, stages: withOwn(backbone.stages) }, hooks.virtualTokens ?? 0),
    decodingStages: decodingStages(withOwn(family(config, file, seeingThePast(hooks)).stages)),
    warnings: [...backbone.warnings, ...(quantization ? [heldAsNumbers(file, quantization.method)] : [])],
  };
}

/** Who reads a result of it shall know. */
const heldAsNumbers = (file: string, method: string): string =>
  `${file}: its weights are quantised (${method}); they are held, and what is trained of them is trained, in float32`;

/** The names of the linear layers that hooks get to see. */
function linearLayers(family: BackboneOf, config: Readonly<Record<string, unknown>>, file: string): readonly string[] {
  const names = new Set<string>();
  const { stages } = family(config, file, {
    linear: (_, { name }, __, y) => {
      names.add(name);
      return y;
    },
  });
  stageParameters(stages); // builds every kind of stage once
  return [...names];
}

/**
 * A checkpoint's parameters, those that `adaptation` adds being made by it. What is not streamed is read.
 * @param memory - what a run can hold, in bytes
 * @throws InputError, before memory is allocated, where the checkpoint is not what its configuration says or the model is too large.
 */
export async function loadModel(
  checkpoint: Checkpoint,
  adaptation: Adaptation,
  streaming: Streaming = 'auto',
  memory = memoryBytes(),
): Promise<LanguageModel> {
  const seenThrough = (hooks?: Hooks): Architecture => architectureOf(checkpoint.config, checkpoint.configFile, hooks);
  const architecture = seenThrough(adaptation.hooks);
  const sources = storedParameters(checkpoint, architecture, adaptation);
  const streams = streamsFrozen(weightBytes(architecture, adaptation), streaming, checkpoint.folder, memory);
  const isStreamed = (name: string): boolean => streams && !adaptation.trains(name);
  const model = emptyModel(
    architecture,
    (name) => adaptation.trains(name),
    (name) => (isStreamed(name) ? sources.get(name) : undefined),
  );
  const { all, heap } = model.parameters;
  const wanted = all.flatMap((parameter) => {
    const source = parameter.source ? undefined : sources.get(parameter.name);
    return source ? [{ ...source, out: parameter.pointer }] : [];
  });
  await loadTensors(wanted, heap);
  for (const added of all.filter(({ name }) => !sources.has(name))) {
    adaptation.initialise(added.name, added.shape, model.parameters.values(added));
  }
  await adaptation.initialiseFrom?.({ parameters: model.parameters, seenThrough });
  return model;
}

/** Where the values of all parameters are that the adaptation does not add. @throws InputError where one is missing or of another shape. */
function storedParameters(checkpoint: Checkpoint, architecture: Architecture, adaptation: Adaptation): Map<string, StoredTensor> {
  const fromFile = [...parametersOf(architecture)].filter(([name]) => !adaptation.adds(name));
  return new Map(fromFile.map(([name, { shape }]) => [name, checkpoint.source(name, shape, architecture.alternatives(name))]));
}

/**
 * Whether a checkpoint has all that its model needs, by what its files say of their tensors: none is read.
 * @throws InputError where it has not.
 */
export function requireWholeCheckpoint(checkpoint: Checkpoint, adaptation: Adaptation): void {
  storedParameters(checkpoint, architectureOf(checkpoint.config, checkpoint.configFile, adaptation.hooks), adaptation);
}

/** How many numbers a model's parameters are. */
export function countParameters(architecture: Architecture): number {
  return [...parametersOf(architecture).values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Every parameter of a model by name, with its shape and where it is used first. */
export const parametersOf = (architecture: Architecture): ReturnType<typeof stageParameters> =>
  stageParameters([...architecture.stages, ...objectiveStages(architecture, 'tokens')]);

/** What a model's parameters take under an adaptation. */
export function weightBytes(architecture: Architecture, adaptation: Adaptation): WeightBytes {
  const [sum, largest] = [
    { trained: 0, frozen: 0 },
    { trained: 0, frozen: 0 },
  ];
  for (const [name, { shape }] of parametersOf(architecture)) {
    const kind = adaptation.trains(name) ? 'trained' : 'frozen';
    const bytes = 4 * shape.reduce((a, b) => a * b, 1);
    sum[kind] += bytes;
    largest[kind] = Math.max(largest[kind], bytes);
  }
  return { ...sum, largest };
}

/** A model whose parameters, added to `parameters`, are all zero, but for those that `streamed` gives a source of. */
export function emptyModel(
  architecture: Architecture,
  trains: (name: string) => boolean,
  streamed: (name: string) => ParameterSource | undefined = () => undefined,
  parameters = new Parameters(),
): LanguageModel {
  const stages = (objective: Objective): readonly Stage[] => [...architecture.stages, ...objectiveStages(architecture, objective)];
  for (const [name, { shape, stage, local }] of stageParameters(stages('tokens'))) {
    const source = streamed(name);
    if (source) parameters.addStreamed(name, shape, source, stage, local);
    else parameters.add(name, shape, trains(name), stage, local);
  }
  const { positionInputs, tokenInputs } = architecture;
  return { architecture, parameters, stages, positionInputs, tokenInputs };
}

/** The model as it is, every parameter moving. */
export const unadapted: Adaptation = { trains: () => true, adds: () => false, initialise: () => undefined };
