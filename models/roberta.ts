import { z } from 'zod';
import { integers, operators, type Stage, type Value } from '../engine/index.js';
import { parseConfig, size, type ConfigSchema } from './config.js';
import { bidirectional, outerNames, partnerOf, type BackboneOf, type Hooks } from './family.js';
import { attention, gelu, layerNorm, linear, readPositions, tokenEmbeddings, TOKENS } from './layers.js';

const { add, gather, reshape } = operators;

/**
 * RoBERTa (Liu et al. 2019, arXiv:1907.11692) as a masked language model: BERT's encoder (Devlin et al. 2018, arXiv:1810.04805)
 * with learned positions, layer norm after each half of a block, and a head that predicts the token in the place of a mask.
 */
export const roberta: BackboneOf = (json, file, hooks) => {
  const { config, warnings } = parseConfig(robertaSchema, json, file);
  const { hidden_size: width, vocab_size: vocabulary, max_position_embeddings: positions, tie_word_embeddings: tied } = config;
  // Padding has the row of its token's id in the position table, the places of a sequence the rows after it.
  const offset = config.pad_token_id + 1;
  return {
    warnings,
    dimensions: {
      hiddenSize: width,
      layers: config.num_hidden_layers,
      keyHeads: config.num_attention_heads,
      headSize: width / config.num_attention_heads,
      vocabularySize: vocabulary,
      maxLength: positions - offset,
    },
    head: { name: tied && !hooks.untiesHead ? EMBEDDING : DECODER, shape: [vocabulary, width], bias: DECODER_BIAS },
    stages: [
      embedding(config, hooks),
      ...Array.from({ length: config.num_hidden_layers }, (_, layer) => block(config, layer, hooks)),
      readout(config, hooks),
    ],
    // Of a tied pair either may stand for both, the head's bias has either name.
    alternatives: (parameter) =>
      [
        ...[parameter, ...(tied ? partnerOf(parameter, EMBEDDING, DECODER) : [])],
        ...(parameter === DECODER_BIAS ? ['lm_head.decoder.bias'] : []),
      ].flatMap((name) => outerNames(name, ['roberta.'])),
    attends: bidirectional,
    positionInputs: (places, batch, sequence) => ({
      position_ids: integers(
        [batch, sequence],
        places.map((place) => place + offset),
      ),
    }),
  };
};

const EMBEDDING = 'roberta.embeddings.word_embeddings.weight';
const DECODER = 'lm_head.decoder.weight';
const DECODER_BIAS = 'lm_head.bias';

const fields = z.object({
  vocab_size: size.default(50265),
  hidden_size: size.default(768),
  num_hidden_layers: size.max(1000).default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  max_position_embeddings: size.default(512),
  type_vocab_size: size.default(2),
  pad_token_id: z.int().nonnegative().default(1),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_act: z.literal('gelu').default('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
  is_decoder: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(true),
});

const robertaConfig = fields
  .refine((config) => config.hidden_size % config.num_attention_heads === 0, {
    path: ['num_attention_heads'],
    message: 'does not divide hidden_size',
  })
  .refine((config) => config.max_position_embeddings > config.pad_token_id + 1, {
    path: ['max_position_embeddings'],
    message: 'leaves no position after that of padding',
  });

type RobertaConfig = z.infer<typeof robertaConfig>;

const robertaSchema: ConfigSchema<typeof robertaConfig> = { schema: robertaConfig, reads: Object.keys(fields.shape), ignores: [] };

function embedding(config: RobertaConfig, hooks: Hooks): Stage {
  const { hidden_size: width, layer_norm_eps: epsilon } = config;
  return {
    name: 'embedding',
    kind: 'roberta-embedding',
    prefix: 'roberta.embeddings.',
    build(scope) {
      const words = tokenEmbeddings(scope, 'word_embeddings', [config.vocab_size, width], hooks);
      const positionIds = scope.input('position_ids', 'int64', ['batch', 'sequence']);
      const table: [number, number] = [config.max_position_embeddings, width];
      const places = reshape(scope.rows('position_embeddings.weight', table, positionIds), [TOKENS, width]);
      const types = scope.parameter('token_type_embeddings.weight', [config.type_vocab_size, width]);
      const first = gather(types, types.graph.constant([0], 'int64', [1])); // [1, width]: RoBERTa's texts are all of type 0
      scope.output('hidden', layerNorm(scope, add(add(words, first), places), 'LayerNorm', width, epsilon));
    },
  };
}

function block(config: RobertaConfig, layer: number, hooks: Hooks): Stage {
  const { hidden_size: width, intermediate_size: inner, num_attention_heads: heads, layer_norm_eps: epsilon } = config;
  return {
    name: `block.${layer}`,
    kind: 'roberta-block',
    prefix: `roberta.encoder.layer.${layer}.`,
    build(scope) {
      const project = (x: Value, name: string, inputs: number, outputs: number): Value =>
        linear(scope, x, { name, inputs, outputs }, true, hooks);
      const x = scope.input('hidden', 'real', [TOKENS, width]);

      const q = project(x, 'attention.self.query', width, width);
      const k = project(x, 'attention.self.key', width, width);
      const v = project(x, 'attention.self.value', width, width);
      const selfAttention = { name: 'attention.self', queryHeads: heads, keyHeads: heads, headSize: width / heads };
      const mixed = attention(scope, selfAttention, [q, k, v], hooks);
      const attended = add(x, project(mixed, 'attention.output.dense', width, width));
      const y = layerNorm(scope, attended, 'attention.output.LayerNorm', width, epsilon);

      const transformed = add(y, project(gelu(project(y, 'intermediate.dense', width, inner)), 'output.dense', inner, width));
      scope.output('hidden', layerNorm(scope, transformed, 'output.LayerNorm', width, epsilon));
    },
  };
}

/** The head up to the product with the embedding: only the masks' places go through it. */
function readout({ hidden_size: width, layer_norm_eps: epsilon }: RobertaConfig, hooks: Hooks): Stage {
  return {
    name: 'readout',
    kind: 'roberta-readout',
    prefix: 'lm_head.',
    build(scope) {
      const read = readPositions(scope, scope.input('hidden', 'real', [TOKENS, width]));
      const transformed = gelu(linear(scope, read, { name: 'dense', inputs: width, outputs: width }, true, hooks));
      scope.output('features', layerNorm(scope, transformed, 'layer_norm', width, epsilon));
    },
  };
}
