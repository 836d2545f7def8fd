/** Ids of the special tokens before and behind a text. */
export interface Around {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Whether special tokens take part; they do unless this says false. */
export interface SpecialTokenOptions {
  readonly specialTokens?: boolean;
}

/**
 * Text to token ids and back, equal to Hugging Face's tokenizers (Rust, 0.22) but for two oddities: special tokens that are looked for
 * in normalized text can be left out of the decoded text too, and an added token keeps the id that its file gives it behind a gap.
 * What cannot be followed exactly is refused.
 */
export interface Tokenizer {
  /** With special tokens: what the model's template puts around a text. Those spelled out in the text count always. */
  encode(text: string, options?: SpecialTokenOptions): number[];
  /** No space before punctuation is cleaned up. Ids without a token (of a padded vocabulary) are left out. */
  decode(ids: readonly number[], options?: SpecialTokenOptions): string;
  /** All ids are below this number. */
  readonly vocabularySize: number;
  tokenId(token: string): number | undefined;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  /** What the model's template puts around a text. */
  readonly around: Around;
  /** Tokens that are recognised in a text as a whole. */
  readonly addedTokens: readonly { readonly id: number; readonly content: string }[];
}
