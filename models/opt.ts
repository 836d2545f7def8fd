import { z } from 'zod';
import { integers, operators, type Scope, type Stage } from '../engine/index.js';
import { parseConfig, size, type ConfigSchema } from './config.js';
import { causal, outerNames, partnerOf, type BackboneOf, type Hooks } from './family.js';
import { attention, layerNorm, linear, readPositions, relu, tokenEmbeddings, TOKENS } from './layers.js';

const { add, reshape } = operators;

/** OPT (Zhang et al. 2022, arXiv:2205.01068): learned positions, ReLU, layer norm before (or, in opt-350m, after) each half of a block. */
export const opt: BackboneOf = (json, file, hooks) => {
  const { config, warnings } = parseConfig(optSchema, json, file);
  const { hidden_size: width, vocab_size: vocabulary, word_embed_proj_dim: embedded, max_position_embeddings: positions } = config;
  const tied = config.tie_word_embeddings;
  return {
    warnings,
    dimensions: {
      hiddenSize: width,
      layers: config.num_hidden_layers,
      keyHeads: config.num_attention_heads,
      headSize: width / config.num_attention_heads,
      vocabularySize: vocabulary,
      maxLength: positions,
    },
    head: { name: tied && !hooks.untiesHead ? EMBEDDING : HEAD, shape: [vocabulary, embedded] },
    stages: [
      embedding(config, hooks),
      ...Array.from({ length: config.num_hidden_layers }, (_, layer) => block(config, layer, hooks)),
      readout(config, hooks),
    ],
    // Of a tied pair either may stand for both.
    alternatives: (parameter) =>
      [parameter, ...(tied ? partnerOf(parameter, EMBEDDING, HEAD) : [])].flatMap((name) => outerNames(name, ['model.', 'decoder.'])),
    attends: causal,
    positionInputs: (places, batch, sequence) => ({
      position_ids: integers(
        [batch, sequence],
        places.map((place) => place + POSITION_OFFSET),
      ),
    }),
  };
};

const EMBEDDING = 'model.decoder.embed_tokens.weight';
const HEAD = 'lm_head.weight';

/** The first rows of the position table are unused; padding, at place -1, gets row 1. */
const POSITION_OFFSET = 2;
const NORM_EPSILON = 1e-5;

const fields = z.object({
  vocab_size: size.default(50272),
  hidden_size: size.default(768),
  num_hidden_layers: size.max(1000).default(12),
  num_attention_heads: size.default(12),
  ffn_dim: size.default(3072),
  max_position_embeddings: size.default(2048),
  word_embed_proj_dim: size.optional(),
  do_layer_norm_before: z.boolean().default(true),
  _remove_final_layer_norm: z.boolean().default(false),
  activation_function: z.literal('relu').default('relu'),
  enable_bias: z.boolean().default(true),
  layer_norm_elementwise_affine: z.literal(true).default(true),
  tie_word_embeddings: z.boolean().default(true),
});

const optConfig = fields
  .transform((config) => ({ ...config, word_embed_proj_dim: config.word_embed_proj_dim ?? config.hidden_size }))
  .refine((config) => config.hidden_size % config.num_attention_heads === 0, {
    path: ['num_attention_heads'],
    message: 'does not divide hidden_size',
  });

type OptConfig = z.infer<typeof optConfig>;

const optSchema: ConfigSchema<typeof optConfig> = {
  schema: optConfig,
  reads: Object.keys(fields.shape),
  ignores: ['init_std', 'is_decoder', 'output_projection'],
};

function embedding(config: OptConfig, hooks: Hooks): Stage {
  const { hidden_size: width, word_embed_proj_dim: embedded } = config;
  return {
    name: 'embedding',
    kind: 'opt-embedding',
    prefix: 'model.decoder.',
    build(scope) {
      const words = tokenEmbeddings(scope, 'embed_tokens', [config.vocab_size, embedded], hooks);
      const positionIds = scope.input('position_ids', 'int64', ['batch', 'sequence']);
      const table: [number, number] = [config.max_position_embeddings + POSITION_OFFSET, width];
      const places = reshape(scope.rows('embed_positions.weight', table, positionIds), [TOKENS, width]);
      const projection = { name: 'project_in', inputs: embedded, outputs: width };
      const projected = embedded === width ? words : linear(scope, words, projection, false, hooks);
      scope.output('hidden', add(projected, places));
    },
  };
}

function block(config: OptConfig, layer: number, hooks: Hooks): Stage {
  const { hidden_size: width, ffn_dim: inner, num_attention_heads: heads, do_layer_norm_before: before } = config;
  const norm = (scope: Scope, x: Parameters<typeof layerNorm>[1], name: string): typeof x => layerNorm(scope, x, name, width, NORM_EPSILON);
  return {
    name: `block.${layer}`,
    kind: 'opt-block',
    prefix: `model.decoder.layers.${layer}.`,
    build(scope) {
      const project = (x: Parameters<typeof linear>[1], name: string, inputs: number, outputs: number): typeof x =>
        linear(scope, x, { name, inputs, outputs }, config.enable_bias, hooks);
      const x = scope.input('hidden', 'real', [TOKENS, width]);

      const a = before ? norm(scope, x, 'self_attn_layer_norm') : x;
      const q = project(a, 'self_attn.q_proj', width, width);
      const k = project(a, 'self_attn.k_proj', width, width);
      const v = project(a, 'self_attn.v_proj', width, width);
      const selfAttention = { name: 'self_attn', queryHeads: heads, keyHeads: heads, headSize: width / heads };
      const mixed = attention(scope, selfAttention, [q, k, v], hooks);
      const attended = add(x, project(mixed, 'self_attn.out_proj', width, width));
      const y = before ? attended : norm(scope, attended, 'self_attn_layer_norm');

      const b = before ? norm(scope, y, 'final_layer_norm') : y;
      const transformed = add(y, project(relu(project(b, 'fc1', width, inner)), 'fc2', inner, width));
      scope.output('hidden', before ? transformed : norm(scope, transformed, 'final_layer_norm'));
    },
  };
}

function readout(config: OptConfig, hooks: Hooks): Stage {
  const { hidden_size: width, word_embed_proj_dim: embedded } = config;
  const normalised = config.do_layer_norm_before && !config._remove_final_layer_norm;
  return {
    name: 'readout',
    kind: 'opt-readout',
    prefix: 'model.decoder.',
    build(scope) {
      const read = readPositions(scope, scope.input('hidden', 'real', [TOKENS, width]));
      const normed = normalised ? layerNorm(scope, read, 'final_layer_norm', width, NORM_EPSILON) : read;
      const projection = { name: 'project_out', inputs: width, outputs: embedded };
      scope.output('features', embedded === width ? normed : linear(scope, normed, projection, false, hooks));
    },
  };
}
