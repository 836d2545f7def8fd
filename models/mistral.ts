import { z } from 'zod';
import { parseConfig, size } from './config.js';
import type { Family } from './family.js';
import { llamaArchitecture, llamaConfig } from './llama.js';

/** Mistral (Jiang et al. 2023, arXiv:2310.06825): LLaMA without biases, with grouped-query attention, each layer seeing the last `sliding_window` tokens. */
export const mistral: Family = (json, file, hooks) => {
  const config = parseConfig(llamaConfig, { num_key_value_heads: KEY_HEADS, ...json, attention_bias: false, mlp_bias: false }, file);
  const { sliding_window: window } = parseConfig(windowConfig, json, file);
  return { ...llamaArchitecture(config, hooks), attends: slidingWindow(window ?? Infinity) };
};

/** What Hugging Face's code takes where config.json is silent. */
const KEY_HEADS = 8;
const WINDOW = 4096;

const windowConfig = z.object({ sliding_window: size.nullable().default(WINDOW) });

/** A token sees itself and the `window` - 1 before it. */
const slidingWindow =
  (window: number) =>
  (distance: number): boolean =>
    distance >= 0 && distance < window;
