import protobuf from 'protobufjs';
import { z } from 'zod';
import { MIB } from '../engine/quantities.js';
import { firstIssue, InputError } from '../engine/errors.js';
import { readInput } from '../engine/input-file.js';
import { addedTokens } from './tokenizer-added.js';
import { readFields, SPECIAL, type TokenDescription } from './tokenizer-special.js';
import { template } from './tokenizer-template.js';

/** The part of SentencePiece's schema (sentencepiece_model.proto) that a byte-pair encoding needs. */
const ModelProto = protobuf
  .parse(
    `
  syntax = "proto2";
  message ModelProto { repeated SentencePiece pieces = 1; optional TrainerSpec trainer_spec = 2; }
  message SentencePiece { optional string piece = 1; optional float score = 2; optional int32 type = 3 [default = 1]; }
  message TrainerSpec { optional int32 model_type = 3 [default = 1]; }
`,
    { keepCase: true },
  )
  .root.lookupType('ModelProto');

const TYPE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
const BYTE_PAIR_ENCODING = 2;
/** Those of the largest vocabularies have some megabytes. */
const LIMIT_BYTES = 100 * MIB;

const modelSchema = z.object({
  pieces: z.array(z.object({ piece: z.string(), score: z.number().default(0), type: z.int().default(TYPE.normal) })).min(1),
  trainer_spec: z.object({ model_type: z.literal(BYTE_PAIR_ENCODING, 'is not a byte-pair encoding') }),
});

type Piece = z.infer<typeof modelSchema>['pieces'][number];

/** What tokenizer_config.json says beside tokenizer.model. */
const configSchema = z.looseObject({
  legacy: z.boolean().nullish(),
  add_bos_token: z.boolean().nullish(),
  add_eos_token: z.boolean().nullish(),
  add_prefix_space: z.boolean().nullish(),
});

/**
 * The tokenizer.json that a SentencePiece model of the Llama family, and the folder that it lies in, stand for, as transformers
 * converts it (LlamaConverter, which reads nothing of the model's normalizer).
 * @throws InputError where a file is broken or the model is no byte-pair encoding.
 */
export function sentencePieceBpe(file: string, folder: string) {
  const { pieces } = readModel(file);
  const config = readFields(folder, 'tokenizer_config.json', configSchema);
  const prefixed = config.add_prefix_space ?? true; // Mistral is published with null, and with a space in its tokenizer.json.
  const ids = new Map(pieces.map(({ piece }, id) => [piece, id]));
  const added = addedTokens(folder, { source: file, ids, own: ownTokens(pieces), usual: USUAL });
  return {
    added_tokens: added.tokens,
    // "legacy" puts the space before every stretch between special tokens, not before the text alone.
    normalizer: config.legacy === false ? null : { type: 'Sequence', normalizers: [...(prefixed ? [PREPEND] : []), REPLACE] },
    pre_tokenizer: config.legacy === false ? { ...METASPACE, prepend_scheme: prefixed ? 'first' : 'never' } : null,
    post_processor: template(added.of(config.add_bos_token === false ? [] : ['bos']), added.of(config.add_eos_token ? ['eos'] : [])),
    decoder: { type: 'Sequence', decoders: [DECODED_SPACE, { type: 'ByteFallback' }, { type: 'Fuse' }, ...(prefixed ? [STRIP] : [])] },
    model: {
      type: 'BPE',
      unk_token: pieces.find(({ type }) => type === TYPE.unknown)?.piece ?? null,
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(ids),
      merges: mergesOf(pieces, ids),
    },
  };
}

const USUAL = { bos: { ...SPECIAL, content: '<s>' }, eos: { ...SPECIAL, content: '</s>' } };

const SPACE = '\u2581';
const PREPEND = { type: 'Prepend', prepend: SPACE };
const REPLACE = { type: 'Replace', pattern: { String: ' ' }, content: SPACE };
const METASPACE = { type: 'Metaspace', replacement: SPACE, split: false };
const DECODED_SPACE = { type: 'Replace', pattern: { String: SPACE }, content: ' ' };
const STRIP = { type: 'Strip', content: ' ', start: 1, stop: 0 };

function readModel(file: string): z.infer<typeof modelSchema> {
  const parsed = modelSchema.safeParse(decoded(file));
  if (parsed.success) return parsed.data;
  throw new InputError(`${file}: ${firstIssue(parsed.error)}`);
}

function decoded(file: string): unknown {
  const bytes = readInput(file, LIMIT_BYTES);
  try {
    return ModelProto.toObject(ModelProto.decode(bytes));
  } catch (error) {
    throw new InputError(`${file} is no SentencePiece model: ${error instanceof Error ? error.message : ''}`);
  }
}

function ownTokens(pieces: readonly Piece[]): TokenDescription[] {
  return pieces.flatMap(({ piece: content, type }) => {
    if (type !== TYPE.unknown && type !== TYPE.control && type !== TYPE.userDefined) return [];
    return [{ ...SPECIAL, content, special: type !== TYPE.userDefined }];
  });
}

/**
 * Every way to put a piece together from two others, best scores first, of one score by the parts' ids: SentencePiece keeps no list of
 * merges.
 */
function mergesOf(pieces: readonly Piece[], ids: ReadonlyMap<string, number>): (readonly [string, string])[] {
  const idOf = (piece: string): number => ids.get(piece) ?? NaN;
  const merges = pieces.flatMap(({ piece, score }) => {
    let end = 0;
    const ways = Array.from(piece).flatMap((point) => {
      const pair = [piece.slice(0, end), piece.slice(end)] as const;
      end += point.length;
      return pair.every((part) => ids.has(part)) ? [{ pair, score }] : [];
    });
    return ways.sort((a, b) => idOf(a.pair[0]) - idOf(b.pair[0]) || idOf(a.pair[1]) - idOf(b.pair[1]));
  });
  return merges.sort((a, b) => b.score - a.score).map(({ pair }) => pair);
}
