/**
 * The parts of the library that we use. Its own declarations (0.2) import each other without file extensions, which Node's
 * module resolution does not follow.
 */
declare module '@huggingface/tokenizers' {
  export class Normalizer {
    constructor(config: object);
    normalize(text: string): string;
  }
  export class LowercaseNormalizer extends Normalizer {}
  export class SequenceNormalizer extends Normalizer {
    normalizers: (Normalizer | null)[];
  }

  export class PreTokenizer {
    constructor(config: object);
    pre_tokenize(text: string | string[]): string[];
  }
  export class ByteLevelPreTokenizer extends PreTokenizer {
    pattern: RegExp;
  }
  export class SequencePreTokenizer extends PreTokenizer {
    tokenizers: (PreTokenizer | null)[];
  }

  export class Decoder {
    constructor(config: object);
    decode(tokens: string[]): string;
    decode_chain(tokens: string[]): string[];
  }
  export class ByteFallbackDecoder extends Decoder {}
  export class SequenceDecoder extends Decoder {
    decoders: Decoder[];
  }

  export interface AddedToken {
    readonly id: number;
    readonly content: string;
    readonly special: boolean;
    readonly normalized: boolean;
  }

  export class Tokenizer {
    /** Of tokenizer.json and tokenizer_config.json, parsed. */
    constructor(definition: object, config: object);
    normalizer: Normalizer | null;
    pre_tokenizer: PreTokenizer | null;
    decoder: Decoder | null;
    encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
    token_to_id(token: string): number | undefined;
    id_to_token(id: number): string | undefined;
    get_added_tokens_decoder(): Map<number, AddedToken>;
    get_vocab(): Map<string, number>;
  }
}
