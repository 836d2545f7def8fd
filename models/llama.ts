import { z } from 'zod';
import { operators, type Scope, type Stage, type Value } from '../engine/index.js';
import { length, parseConfig, size, type ConfigSchema } from './config.js';
import { causal, outerNames, partnerOf, type Backbone, type BackboneOf, type Hooks } from './family.js';
import { attention, linear, readPositions, rmsNorm, silu, tokenEmbeddings, TOKENS } from './layers.js';
import { ropeFields, ropeOf, rotaryFrequencies, rotaryTables } from './rotary.js';

const { add, concat, multiply, reshape, slice } = operators;

/** LLaMA (Touvron et al. 2023, arXiv:2302.13971): root-mean-square norm before each half, rotary positions, SwiGLU; grouped-query attention as in Llama 2. */
export const llama: BackboneOf = (json, file, hooks) => {
  const { config, warnings } = parseConfig(llamaSchema, json, file);
  return { ...llamaArchitecture(config, hooks), warnings };
};

export function llamaArchitecture(config: LlamaConfig, hooks: Hooks): Omit<Backbone, 'warnings'> {
  const { hidden_size: width, vocab_size: vocabulary, tie_word_embeddings: tied } = config;
  const frequencies = rotaryFrequencies(config.head_dim, config.rope);
  return {
    dimensions: {
      hiddenSize: width,
      layers: config.num_hidden_layers,
      keyHeads: config.num_key_value_heads,
      headSize: config.head_dim,
      vocabularySize: vocabulary,
      maxLength: config.max_position_embeddings,
    },
    head: { name: tied && !hooks.untiesHead ? EMBEDDING : HEAD, shape: [vocabulary, width] },
    stages: [
      embedding(config, hooks),
      ...Array.from({ length: config.num_hidden_layers }, (_, layer) => block(config, layer, hooks)),
      readout(config),
    ],
    // Of a tied pair either may stand for both.
    alternatives: (parameter) =>
      [parameter, ...(tied ? partnerOf(parameter, EMBEDDING, HEAD) : [])].flatMap((name) => outerNames(name, ['model.'])),
    attends: causal,
    positionInputs: (places, batch, sequence) => rotaryTables(places, batch, sequence, frequencies),
  };
}

const EMBEDDING = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

const fields = z.object({
  vocab_size: size.default(32000),
  hidden_size: size.default(4096),
  intermediate_size: size.default(11008),
  num_hidden_layers: size.max(1000).default(32),
  num_attention_heads: size.default(32),
  num_key_value_heads: size.optional(),
  head_dim: size.optional(),
  max_position_embeddings: length.default(2048),
  rms_norm_eps: z.number().positive().default(1e-6),
  ...ropeFields,
  hidden_act: z.literal('silu').default('silu'),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(false),
});

const llamaConfig = fields
  .transform((config, context) => ({
    ...config,
    num_key_value_heads: config.num_key_value_heads ?? config.num_attention_heads,
    head_dim: config.head_dim ?? config.hidden_size / config.num_attention_heads,
    rope: ropeOf(config, context),
  }))
  .refine((config) => Number.isInteger(config.head_dim / 2), { path: ['num_attention_heads'], message: 'does not give heads of even size' })
  .refine((config) => config.num_attention_heads % config.num_key_value_heads === 0, {
    path: ['num_key_value_heads'],
    message: 'does not divide num_attention_heads',
  });

type LlamaConfig = z.infer<typeof llamaConfig>;

/** Products in `pretraining_tp` parts are the same products. */
export const llamaSchema: ConfigSchema<typeof llamaConfig> = {
  schema: llamaConfig,
  reads: Object.keys(fields.shape),
  ignores: ['pretraining_tp', 'max_sequence_length', 'is_decoder'],
};

function embedding({ vocab_size: vocabulary, hidden_size: width }: LlamaConfig, hooks: Hooks): Stage {
  return {
    name: 'embedding',
    kind: 'llama-embedding',
    prefix: 'model.',
    build(scope) {
      scope.output('hidden', tokenEmbeddings(scope, 'embed_tokens', [vocabulary, width], hooks));
    },
  };
}

function block(config: LlamaConfig, layer: number, hooks: Hooks): Stage {
  const { hidden_size: width, intermediate_size: inner, rms_norm_eps: epsilon, head_dim: headSize } = config;
  const { num_attention_heads: queryHeads, num_key_value_heads: keyHeads } = config;
  return {
    name: `block.${layer}`,
    kind: 'llama-block',
    prefix: `model.layers.${layer}.`,
    build(scope) {
      const project = (x: Value, name: string, inputs: number, outputs: number): Value =>
        linear(scope, x, { name, inputs, outputs }, name.startsWith('mlp.') ? config.mlp_bias : config.attention_bias, hooks);
      const x = scope.input('hidden', 'real', [TOKENS, width]);

      const a = rmsNorm(scope, x, 'input_layernorm', width, epsilon);
      const q = project(a, 'self_attn.q_proj', width, queryHeads * headSize);
      const k = project(a, 'self_attn.k_proj', width, keyHeads * headSize);
      const v = project(a, 'self_attn.v_proj', width, keyHeads * headSize);
      const selfAttention = { name: 'self_attn', queryHeads, keyHeads, headSize };
      const mixed = attention(scope, selfAttention, [q, k, v], hooks, (heads) => rotate(scope, heads, headSize));
      const y = add(x, project(mixed, 'self_attn.o_proj', queryHeads * headSize, width));

      const b = rmsNorm(scope, y, 'post_attention_layernorm', width, epsilon);
      const gated = multiply(silu(project(b, 'mlp.gate_proj', width, inner)), project(b, 'mlp.up_proj', width, inner));
      scope.output('hidden', add(y, project(gated, 'mlp.down_proj', inner, width)));
    },
  };
}

function readout({ hidden_size: width, rms_norm_eps: epsilon }: LlamaConfig): Stage {
  return {
    name: 'readout',
    kind: 'llama-readout',
    prefix: 'model.',
    build(scope) {
      const read = readPositions(scope, scope.input('hidden', 'real', [TOKENS, width]));
      scope.output('features', rmsNorm(scope, read, 'norm', width, epsilon));
    },
  };
}

/** Turns each pair (x_i, x_{i + size/2}) of a head [batch, heads, sequence, size] by its position's angle (Su et al. 2021, eq. 34). */
function rotate(scope: Scope, heads: Value, headSize: number): Value {
  const table = (name: string): Value =>
    reshape(scope.input(name, 'real', ['batch', 'sequence', headSize]), ['batch', 1, 'sequence', headSize]);
  const swapped = concat([slice(heads, -1, headSize / 2, headSize), slice(heads, -1, 0, headSize / 2)], -1);
  return add(multiply(heads, table('rotary_cosines')), multiply(swapped, table('rotary_sines')));
}
