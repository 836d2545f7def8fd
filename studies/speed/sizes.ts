/** OPT configurations of the step benchmark, named and shaped as in the PyTorch harness it is compared with; weights are generated. */
export const stepSizes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  tiny: opt(128, 4, 4, 512, 2048, 512),
  small: opt(256, 6, 8, 1024, 4096, 512),
  /** OPT-125m. */
  base: opt(768, 12, 12, 3072, 50272, 2048),
};

function opt(width: number, layers: number, heads: number, inner: number, vocabulary: number, positions: number): Record<string, unknown> {
  return {
    model_type: 'opt',
    vocab_size: vocabulary,
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    ffn_dim: inner,
    max_position_embeddings: positions,
    activation_function: 'relu',
  };
}
