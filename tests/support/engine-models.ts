import { BackwardRunner, composeStages, cpuBackend, float32Of, floats, integers, noiseKey, standardNormal } from '../../engine/index.js';
import type { Buffers, Tensor, Tensors } from '../../engine/index.js';
import { architectureOf, emptyModel, type LanguageModel } from '../../models/model.js';
import { realTensor } from './engine-graphs.js';
import { dot } from './engine-numbers.js';

/** Models of a few hundred parameters: with and without biases, tied and untied, with and without grouped heads, looking back only or both ways. */
const configs = {
  opt: {
    model_type: 'opt',
    vocab_size: 11,
    hidden_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    ffn_dim: 12,
    max_position_embeddings: 6,
    activation_function: 'relu',
  },
  llama: {
    model_type: 'llama',
    vocab_size: 11,
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    hidden_act: 'silu',
    max_position_embeddings: 6,
  },
  roberta: {
    model_type: 'roberta',
    vocab_size: 11,
    hidden_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 12,
    type_vocab_size: 2,
    max_position_embeddings: 8,
  },
} as const;

export type FamilyName = keyof typeof configs;
export const familyNames: readonly FamilyName[] = ['opt', 'llama', 'roberta'];

/** A model with random weights, the same each time. Normalisation gains are near 1, all else is near 0. */
export function tinyModel(
  family: FamilyName,
  trains: (name: string) => boolean = () => true,
  sizes: Record<string, number> = {},
): LanguageModel {
  const model = emptyModel(architectureOf({ ...configs[family], ...sizes }, 'config.json'), trains);
  for (const parameter of model.parameters.all) {
    const key = noiseKey(0, parameter.name);
    const centre = /norm.*weight$/i.test(parameter.name) ? 1 : 0;
    const values = model.parameters.values(parameter);
    for (let i = 0; i < parameter.count; i++) values[i] = centre + 0.3 * standardNormal(key, i);
  }
  return model;
}

/** Sequences, the second one padded on the left, every real position predicting the next token. */
export function tinyBatch(model: LanguageModel, batch = 2, sequence = 5): Tensors {
  const padding = (row: number): number => (row === 1 ? 2 : 0);
  const tokens = Array.from({ length: batch * sequence }, (_, at) => (3 * at + 1) % model.architecture.dimensions.vocabularySize);
  const positions = Int32Array.from(tokens, (_, at) => Math.max(-1, (at % sequence) - padding(Math.floor(at / sequence))));
  const { attends } = model.architecture;
  const bias = new Float32Array(batch * sequence * sequence);
  for (let at = 0; at < tokens.length; at++) {
    const row = Math.floor(at / sequence);
    for (let s = 0; s < sequence; s++) bias[at * sequence + s] = attends((at % sequence) - s) && s >= padding(row) ? 0 : -1e30;
  }
  const reads = [...tokens.keys()].filter((at) => (at + 1) % sequence !== 0 && (positions[at] ?? -1) >= 0);
  const weights = reads.map((_, index) => (1 + (index % 3)) / (2 * reads.length));
  return {
    token_ids: integers([batch, sequence], tokens),
    attention_bias: floats([batch, sequence, sequence], bias),
    ...model.positionInputs(positions, batch, sequence),
    read_positions: integers([reads.length], reads),
    target_ids: integers(
      [reads.length],
      reads.map((at) => tokens[at + 1] ?? 0),
    ),
    target_reads: integers([reads.length], [...reads.keys()]),
    token_weights: floats([1, reads.length], Float32Array.from(weights)),
  };
}

export const lossOf = (tensors: Tensors | undefined): number => float32Of(tensors ?? {}, 'loss')[0] ?? NaN;

/** Every parameter's bytes, to see whether any changed. */
export function bytesOf({ parameters }: LanguageModel): string {
  return parameters.all
    .map((parameter) => Buffer.from(new Uint8Array(parameters.values(parameter).slice().buffer)).toString('base64'))
    .join();
}

/** z of a seed as arrays. */
export function writtenDirection({ parameters }: LanguageModel, seed: number): Buffers {
  const buffers = parameters.allocateBuffers();
  for (const parameter of parameters.trainable) {
    parameters.writeDirection(parameter, 0, parameter.count, seed, parameters.buffer(buffers, parameter));
  }
  return buffers;
}

/** The trainable parameters' entries of these arrays, end to end. */
export function flat({ parameters }: LanguageModel, buffers: Buffers): number[] {
  return parameters.trainable.flatMap((parameter) => [...parameters.heap.floats(parameters.buffer(buffers, parameter), parameter.count)]);
}

/** The exact gradient of the token loss, by backpropagation. */
export async function gradientOf(model: LanguageModel, batch: Tensors): Promise<Buffers> {
  const gradients = model.parameters.allocateBuffers();
  const backpropagation = new BackwardRunner(cpuBackend(1), model.parameters);
  await backpropagation.run(model.stages('tokens'), batch, gradients);
  await backpropagation.release();
  return gradients;
}

/** gradient . z over the trainable parameters, and the size it has for a typical z: the gradient's norm. */
export async function gradientAlong(model: LanguageModel, batch: Tensors, seed: number): Promise<{ along: number; typical: number }> {
  const gradient = flat(model, await gradientOf(model, batch));
  return { along: dot(gradient, flat(model, writtenDirection(model, seed))), typical: Math.sqrt(dot(gradient, gradient)) };
}

/** The token losses at theta + scale z for each scale: the whole model as one graph, everything in float64. */
export async function float64Losses(
  model: LanguageModel,
  batch: Tensors,
  direction: Buffers,
  scales: readonly number[],
): Promise<number[]> {
  const exact = await float64Model(model, batch);
  const made = await exact.losses(direction, scales);
  await exact.release();
  return made;
}

/** A model's token losses in float64, compiled once: at theta + scale z for each scale. */
export async function float64Model(model: LanguageModel, batch: Tensors) {
  const { graph, values, parameters } = composeStages(model.stages('tokens'));
  const loss = values.get('loss');
  if (!loss) throw new Error('no stage puts out a loss');
  graph.output('loss', loss);
  const session = await cpuBackend(1).compile(graph, 'float64');
  const inputs = graph.inputs.flatMap(({ name }) => (batch[name] ? [[name, inFloat64(batch[name])] as const] : []));
  return {
    release: () => session.release(),
    async losses(direction: Buffers, scales: readonly number[]): Promise<number[]> {
      const made: number[] = [];
      for (const scale of scales) {
        const moved = [...parameters].map(([name, input]) => [input.name, movedInFloat64(model, name, direction, scale)] as const);
        const outputs = await session.run(Object.fromEntries([...inputs, ...moved]));
        made.push(Number(outputs.loss?.data[0]));
      }
      return made;
    },
  };
}

function inFloat64(tensor: Tensor): Tensor {
  return tensor.type === 'float32' ? realTensor('float64', tensor.dims, [...(tensor.data as Float32Array)]) : tensor;
}

function movedInFloat64({ parameters }: LanguageModel, name: string, direction: Buffers, scale: number): Tensor {
  const parameter = parameters.get(name);
  const theta = [...parameters.values(parameter)];
  if (!parameter.trainable) return realTensor('float64', parameter.shape, theta);
  const z = parameters.heap.floats(parameters.buffer(direction, parameter), parameter.count);
  return realTensor(
    'float64',
    parameter.shape,
    theta.map((value, i) => value + scale * (z[i] ?? NaN)),
  );
}
