/** A model that the papers fine-tune. */
export interface KnownModel {
  /** On the Hugging Face hub. */
  readonly id: string;
  /** The commit that is fetched where none is asked for. */
  readonly revision: string;
  /** Element type of the published weights. */
  readonly stored: 'F32' | 'F16' | 'BF16';
  /** Of the published config.json what decides the shapes. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The models of MeZO (arXiv:2305.17333), ZO-Bench (arXiv:2402.11592) and QZO (arXiv:2505.13430). OPT and Vicuna were published as
 * pickles only: their safetensors are a pull request of the hub's conversion bot (see hub.ts). The commits are those that public code
 * and logs name as these models' snapshots.
 */
export const knownModels: readonly KnownModel[] = [
  {
    id: 'FacebookAI/roberta-large',
    revision: '722cf37b1afa9454edce342e7895e588b6ff1d59',
    stored: 'F32',
    config: {
      model_type: 'roberta',
      vocab_size: 50265,
      hidden_size: 1024,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      intermediate_size: 4096,
      max_position_embeddings: 514,
      type_vocab_size: 1,
      pad_token_id: 1,
      layer_norm_eps: 1e-5,
    },
  },
  opt('125m', '27dcfa74d334bc871f3234de431e71c6eeba5dd6', { layers: 12, width: 768, inner: 3072, heads: 12 }),
  opt(
    '350m',
    '08ab08cc4b72ff5593870b5d527cf4230323703c',
    { layers: 24, width: 1024, inner: 4096, heads: 16 },
    {
      word_embed_proj_dim: 512,
      do_layer_norm_before: false,
    },
  ),
  opt('1.3b', '3f5c25d0bc631cb57ac65913f76e22c2dfb61d62', { layers: 24, width: 2048, inner: 8192, heads: 32 }),
  opt('2.7b', '905a4b602cda5c501f1b3a2650a4152680238254', { layers: 32, width: 2560, inner: 10240, heads: 32 }),
  opt('6.7b', 'a45aa65bbeb77c1558bc99bedc6779195462dab0', { layers: 32, width: 4096, inner: 16384, heads: 32 }),
  opt('13b', 'e515202d1e7750da62d245fbccb2723b9c1790f5', { layers: 40, width: 5120, inner: 20480, heads: 40 }),
  opt('30b', 'ceea0a90ac0f6fae7c2c34bcb40477438c152546', { layers: 48, width: 7168, inner: 28672, heads: 56 }),
  opt('66b', '7259969061237fe940036d22bea0fd349e4485e9', { layers: 64, width: 9216, inner: 36864, heads: 72 }),
  {
    id: 'meta-llama/Llama-2-7b-hf',
    revision: '01c7f73d771dfac7d292323805ebc428287df4f9',
    stored: 'F16',
    config: llama2({ layers: 32, width: 4096, inner: 11008, heads: 32 }),
  },
  {
    id: 'meta-llama/Llama-2-13b-hf',
    revision: '5c31dfb671ce7cfe2d7bb7c04375e44c55e815b1',
    stored: 'F16',
    config: llama2({ layers: 40, width: 5120, inner: 13824, heads: 40 }),
  },
  {
    id: 'meta-llama/Llama-3.1-8B',
    revision: 'd04e592bb4f6aa9cfee91e2e20afa771667e1d4b',
    stored: 'BF16',
    config: {
      ...llama2({ layers: 32, width: 4096, inner: 14336, heads: 32 }),
      vocab_size: 128256,
      num_key_value_heads: 8,
      max_position_embeddings: 131072,
      rope_theta: 500000,
      rope_scaling: {
        rope_type: 'llama3',
        factor: 8,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: 8192,
      },
    },
  },
  {
    id: 'lmsys/vicuna-7b-v1.5',
    revision: '3321f76e3f527bd14065daf69dad9344000a201d',
    stored: 'F16',
    config: llama2({ layers: 32, width: 4096, inner: 11008, heads: 32 }),
  },
  {
    id: 'mistralai/Mistral-7B-v0.1',
    revision: '27d67f1b5f57dc0953326b2601d68371d40ea8da',
    stored: 'BF16',
    config: {
      ...llama2({ layers: 32, width: 4096, inner: 14336, heads: 32 }),
      model_type: 'mistral',
      num_key_value_heads: 8,
      max_position_embeddings: 32768,
      sliding_window: 4096,
    },
  },
];

export const knownModel = (id: string): KnownModel | undefined => knownModels.find((model) => model.id === id);

interface Shape {
  readonly layers: number;
  readonly width: number;
  readonly inner: number;
  readonly heads: number;
}

function opt(size: string, revision: string, { layers, width, inner, heads }: Shape, differences: KnownModel['config'] = {}): KnownModel {
  const config = {
    model_type: 'opt',
    vocab_size: 50272,
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    ffn_dim: inner,
    max_position_embeddings: 2048,
    activation_function: 'relu',
    ...differences,
  };
  return { id: `facebook/opt-${size}`, revision, stored: 'F16', config };
}

function llama2({ layers, width, inner, heads }: Shape): KnownModel['config'] {
  return {
    model_type: 'llama',
    vocab_size: 32000,
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: inner,
    max_position_embeddings: 4096,
    rms_norm_eps: 1e-5,
    hidden_act: 'silu',
  };
}
