import { z } from 'zod';
import { floats, type Tensors } from '../engine/index.js';

const positive = z.number().positive();

/** config.json's rope_scaling: positions stretched evenly, or by wavelength as in Llama 3.1. Newer files say rope_type, older ones type. */
export const ropeScaling = z.preprocess(
  (scaling) => (typeof scaling === 'object' && scaling !== null && 'type' in scaling ? { rope_type: scaling.type, ...scaling } : scaling),
  z.discriminatedUnion(
    'rope_type',
    [
      z.object({ rope_type: z.literal('default') }),
      z.object({ rope_type: z.literal('linear'), factor: positive }),
      z.object({
        rope_type: z.literal('llama3'),
        factor: positive,
        low_freq_factor: positive,
        high_freq_factor: positive,
        original_max_position_embeddings: positive,
      }),
    ],
    { error: 'is not supported (there are: default, linear, llama3)' },
  ),
);

export type RopeScaling = z.infer<typeof ropeScaling>;

/** Angle per position of each pair of a head's coordinates: theta^(-2i / size), scaled where the model says so. */
export function rotaryFrequencies(headSize: number, theta: number, scaling: RopeScaling | undefined): readonly number[] {
  const plain = Array.from({ length: headSize / 2 }, (_, i) => theta ** ((-2 * i) / headSize));
  if (!scaling || scaling.rope_type === 'default') return plain;
  if (scaling.rope_type === 'linear') return plain.map((frequency) => frequency / scaling.factor);
  // Llama 3.1: long wavelengths are stretched, short ones kept, those between blended.
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: length } = scaling;
  return plain.map((frequency) => {
    const turns = (length * frequency) / (2 * Math.PI);
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
