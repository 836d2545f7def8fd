import { z } from 'zod';
import { checkConfig, length, parseConfig, withoutNulls } from './config.js';
import type { BackboneOf } from './family.js';
import { llamaArchitecture, llamaSchema } from './llama.js';

/** Mistral (Jiang et al. 2023, arXiv:2310.06825): LLaMA without biases, with grouped-query attention, each layer seeing the last `sliding_window` tokens. */
export const mistral: BackboneOf = (json, file, hooks) => {
  const stated = { ...DEFAULTS, ...withoutNulls({ ...NULLABLE_DEFAULTS, ...json }), ...NO_BIASES };
  const { sliding_window: window } = checkConfig(ownFields, stated, file);
  const { config, warnings } = parseConfig(mistralSchema, stated, file);
  return { ...llamaArchitecture(config, hooks), attends: slidingWindow(window ?? Infinity), warnings };
};

/** Where transformers takes something else than for LLaMA. */
const DEFAULTS = { intermediate_size: 14336, max_position_embeddings: 131072 };
/** Here null says something too: as many heads of keys as of queries, and no window. */
const NULLABLE_DEFAULTS = { num_key_value_heads: 8, sliding_window: 4096 };

/** Whatever a file says: transformers' Mistral reads neither. */
const NO_BIASES = { attention_bias: false, mlp_bias: false };

const ownFields = z.object({ sliding_window: length.optional() });

const mistralSchema = { ...llamaSchema, reads: [...llamaSchema.reads, 'sliding_window'] };

/** A token sees itself and the `window` - 1 before it. */
const slidingWindow =
  (window: number) =>
  (distance: number): boolean =>
    distance >= 0 && distance < window;
