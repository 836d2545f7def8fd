/** A Hugging Face tokenizer.json with a BPE model. */
export interface TokenizerJson {
  readonly version: '1.0';
  readonly truncation: null;
  readonly padding: null;
  readonly added_tokens: readonly AddedToken[];
  readonly normalizer: Component | null;
  readonly pre_tokenizer: Component | null;
  readonly post_processor: Component;
  readonly decoder: Component;
  readonly model: BpeModel;
}

/** A normalizer, pre-tokenizer, post-processor or decoder: a type and its settings. */
export interface Component {
  readonly type: string;
  readonly [setting: string]: unknown;
}

export interface BpeModel {
  readonly type: 'BPE';
  readonly dropout: null;
  readonly unk_token: string;
  readonly continuing_subword_prefix: null;
  readonly end_of_word_suffix: null;
  readonly fuse_unk: boolean;
  readonly byte_fallback: boolean;
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly string[];
}

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly single_word: false;
  /** Whether the space before it belongs to it. */
  readonly lstrip: boolean;
  readonly rstrip: false;
  readonly normalized: false;
  readonly special: true;
}

/** Special tokens with the ids of their places in the list. */
export const addedTokens = (specials: readonly string[]): AddedToken[] => specials.map(addedToken);

export function addedToken(content: string, id: number): AddedToken {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/** Token to id, ids being places in the list; a token that two merges make keeps its first id. */
export function vocabulary(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
}

/** The post-processor that puts one special token before each text. @throws if it is not among the specials. */
export function startWith(token: string, specials: readonly string[]): Component {
  const id = specials.indexOf(token);
  if (id < 0) throw new Error(`tokenizer specials ${specials.join(' ')}: add ${token}, which starts every text`);
  const start = (type_id: number) => ({ SpecialToken: { id: token, type_id } });
  const text = (name: 'A' | 'B', type_id: number) => ({ Sequence: { id: name, type_id } });
  return {
    type: 'TemplateProcessing',
    single: [start(0), text('A', 0)],
    pair: [start(0), text('A', 0), start(1), text('B', 1)],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  };
}
