import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { floats, type Tensors } from '../engine/index.js';
import { length, withoutNulls, type Json } from './config.js';

const positive = z.number().positive();

/** What transformers 5 says beside any scaling. A turn of a part of each head is not supported. */
const beside = {
  rope_theta: positive.optional(),
  partial_rotary_factor: z.literal(1).optional(),
  original_max_position_embeddings: length.optional(),
};

/**
 * config.json's rope_scaling, or transformers 5's rope_parameters: positions stretched evenly, or by wavelength as in Llama 3.1. Older
 * files say type, newer ones rope_type.
 */
export const ropeScaling = z.preprocess(
  (stated, context) => (isObject(stated) ? named(forAllLayers(stated, context), context) : stated),
  z.discriminatedUnion(
    'rope_type',
    [
      z.strictObject({ rope_type: z.literal('default'), ...beside }),
      z.strictObject({ rope_type: z.literal('linear'), factor: positive, ...beside }),
      z
        .strictObject({
          rope_type: z.literal('llama3'),
          factor: positive,
          low_freq_factor: positive,
          high_freq_factor: positive,
          ...beside,
        })
        .refine((scaling) => scaling.low_freq_factor < scaling.high_freq_factor, {
          path: ['high_freq_factor'],
          message: 'is not above low_freq_factor',
        }),
    ],
    { error: 'is not supported (there are: default, linear, llama3)' },
  ),
);

type Stated = z.infer<typeof ropeScaling>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Newer files may say it for each type of layer, by its name. */
function forAllLayers(stated: Json, context: z.RefinementCtx): Json {
  const [first, ...others] = Object.values(stated);
  const isByLayer = Object.values(stated).every((value) => value === null || isObject(value));
  if (!isByLayer || !Object.values(stated).some(isObject)) return stated;
  if (isObject(first) && others.every((other) => isDeepStrictEqual(other, first))) return first;
  const types = Object.keys(stated).join(', ');
  context.addIssue({ code: 'custom', message: `differs between types of layers (${types}), which is not supported` });
  return z.NEVER;
}

function named(stated: Json, context: z.RefinementCtx): Json {
  const { type, rope_type: ropeType, ...rest } = withoutNulls(stated);
  if (type !== undefined && ropeType !== undefined && type !== ropeType) {
    context.addIssue({ code: 'custom', message: 'type and rope_type contradict each other' });
  }
  return { ...rest, rope_type: ropeType ?? type ?? 'default' };
}

/** Fields of config.json that say how positions turn. */
export const ropeFields = {
  rope_theta: positive.optional(),
  rope_scaling: ropeScaling.optional(),
  rope_parameters: ropeScaling.optional(),
  partial_rotary_factor: z.literal(1).optional(),
  original_max_position_embeddings: length.optional(),
};

/** How positions turn, wherever it was said. */
export type RopeScaling =
  | { readonly rope_type: 'default' }
  | { readonly rope_type: 'linear'; readonly factor: number }
  | {
      readonly rope_type: 'llama3';
      readonly factor: number;
      readonly low_freq_factor: number;
      readonly high_freq_factor: number;
      readonly original_max_position_embeddings: number;
    };

export interface Rope {
  readonly theta: number;
  readonly scaling: RopeScaling;
}

/** What transformers takes where nothing is said. */
const THETA = 10000;

type RopeFields = z.infer<z.ZodObject<typeof ropeFields>>;

/** One statement of rope_theta, rope_scaling and rope_parameters: they may repeat each other, and not contradict. */
export function ropeOf(config: RopeFields & { readonly max_position_embeddings: number }, context: z.RefinementCtx): Rope {
  const { rope_scaling: older, rope_parameters: newer, max_position_embeddings: positions } = config;
  const stated = (field: 'rope_theta' | 'original_max_position_embeddings') =>
    agreed(field, [config[field], older?.[field], newer?.[field]], context);
  const scaling = agreed('rope_scaling', [older && scalingAlone(older), newer && scalingAlone(newer)], context) ?? { rope_type: 'default' };
  const pretrained = stated('original_max_position_embeddings') ?? positions;
  return {
    theta: stated('rope_theta') ?? THETA,
    scaling: scaling.rope_type === 'llama3' ? { ...scaling, original_max_position_embeddings: pretrained } : scaling,
  };
}

function agreed<T>(field: string, statements: readonly (T | undefined)[], context: z.RefinementCtx): T | undefined {
  const [first, ...others] = statements.filter((statement) => statement !== undefined);
  if (others.some((other) => !isDeepStrictEqual(other, first))) {
    context.addIssue({ code: 'custom', path: [field], message: 'is another in rope_parameters: which one holds?' });
  }
  return first;
}

/** Without what is said beside any scaling. */
function scalingAlone(stated: Stated) {
  if (stated.rope_type === 'default') return { rope_type: stated.rope_type };
  const { rope_type, factor } = stated;
  if (rope_type === 'linear') return { rope_type, factor };
  return { rope_type, factor, low_freq_factor: stated.low_freq_factor, high_freq_factor: stated.high_freq_factor };
}

/** Angle per position of each pair of a head's coordinates: theta^(-2i / size), scaled where the model says so. */
export function rotaryFrequencies(headSize: number, { theta, scaling }: Rope): readonly number[] {
  const plain = Array.from({ length: headSize / 2 }, (_, i) => theta ** ((-2 * i) / headSize));
  if (scaling.rope_type === 'default') return plain;
  if (scaling.rope_type === 'linear') return plain.map((frequency) => frequency / scaling.factor);
  // Llama 3.1: long wavelengths are stretched, short ones kept, those between blended.
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: pretrained } = scaling;
  return plain.map((frequency) => {
    const turns = (pretrained * frequency) / (2 * Math.PI);
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return frequency * (kept + (1 - kept) / factor);
  });
}

/**
 * Cosines and sines [batch, sequence, size] of position * frequency, the two halves of a head alike; the first half of the sines is
 * negated, as the rotation needs.
 */
export function rotaryTables(positions: Int32Array, batch: number, sequence: number, frequencies: readonly number[]): Tensors {
  const half = frequencies.length;
  const cosines = new Float32Array(positions.length * 2 * half);
  const sines = new Float32Array(positions.length * 2 * half);
  positions.forEach((position, token) => {
    frequencies.forEach((frequency, i) => {
      const angle = Math.max(position, 0) * frequency;
      const at = token * 2 * half + i;
      cosines[at] = cosines[at + half] = Math.cos(angle);
      sines[at] = -Math.sin(angle);
      sines[at + half] = Math.sin(angle);
    });
  });
  const dims = [batch, sequence, 2 * half];
  return { rotary_cosines: floats(dims, cosines), rotary_sines: floats(dims, sines) };
}
