import type { Component } from './tokenizer-normalizer.js';
import type { AddedToken } from './tokenizer-special.js';

/** The special tokens that the suite asks for. */
export type AskedRole = 'bos' | 'eos' | 'pad';

/** What tokenizer.json says, or would say. */
export interface TokenizerDefinition {
  readonly model: Component;
  readonly added_tokens: readonly AddedToken[];
  readonly normalizer: Component | null;
  readonly pre_tokenizer: Component | null;
  readonly post_processor: Component | null;
  readonly decoder: Component | null;
}

/** What a folder says about its tokenizer. */
export interface TokenizerFiles {
  /** The file to name in messages. */
  readonly source: string;
  readonly definition: TokenizerDefinition;
  /** Who plays a role, as a token or an id, the source that decides first. */
  readonly roles: Readonly<Record<AskedRole, readonly (string | number)[]>>;
}
