/**
 * The parts of the library that we use. Its own declarations (0.2) import each other without file extensions, which Node's
 * module resolution does not follow.
 */
declare module '@huggingface/tokenizers' {
  export class SplitPreTokenizer {
    constructor(config: object);
    /** Translated from Oniguruma's language. */
    pattern: RegExp | null;
  }

  export class Decoder {
    constructor(config: object);
    decode(tokens: string[]): string;
    decode_chain(tokens: string[]): string[];
    /** Which are no bytes. */
    added_tokens: readonly { readonly content: string }[];
  }
  export class ByteFallbackDecoder extends Decoder {}
  export class SequenceDecoder extends Decoder {
    decoders: Decoder[];
  }

  export class Tokenizer {
    /** Of tokenizer.json and tokenizer_config.json, parsed. */
    constructor(definition: object, config: object);
    model: {
      /** The tokens of texts, byte-pair merged or otherwise, by their spelling. */
      encode(texts: string[]): string[];
      tokens_to_ids: Map<string, number>;
      /** Of a byte-pair model: what a text is merged to. */
      bpe?: (text: string) => string[];
      /** Of a unigram model, by id. */
      scores?: number[];
    };
    decoder: Decoder | null;
    encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
    token_to_id(token: string): number | undefined;
    id_to_token(id: number): string | undefined;
  }
}
