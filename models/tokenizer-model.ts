import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { InputError } from '../engine/errors.js';
import { fieldsOf, type Component } from './tokenizer-normalizer.js';

/** Makes token ids of a piece of a text. */
export type PieceEncoder = (piece: string) => readonly number[];

const isNothing = z.union([z.null(), z.literal(''), z.literal(0)], 'cannot be followed').optional();
const bpeSchema = z.looseObject({
  merges: z.array(z.unknown()),
  unk_token: z.string().nullish(),
  byte_fallback: z.boolean().nullish(),
  ignore_merges: z.boolean().nullish(),
  end_of_word_suffix: z.string().nullish(),
  continuing_subword_prefix: isNothing,
  dropout: isNothing,
});
const wordPieceSchema = z.looseObject({ unk_token: z.string(), continuing_subword_prefix: z.string().default('##') });
const unigramSchema = z.looseObject({
  vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
  unk_id: z.int().nonnegative(),
  byte_fallback: z.boolean().default(false),
});

/** Files of old have no type. */
function typeOf(model: Component): unknown {
  if (model.type !== undefined) return model.type;
  if (model.merges !== undefined) return 'BPE';
  if (Array.isArray(model.vocab)) return 'Unigram';
  return model.max_input_chars_per_word === undefined ? 'WordLevel' : 'WordPiece';
}

/**
 * A tokenizer.json's model, with what the library lacks of it filled in.
 * @throws InputError naming what cannot be followed exactly.
 */
export function checkedModel(model: Component): Component {
  const type = typeOf(model);
  const typed = { ...model, type };
  if (type === 'BPE') return fieldsOf(typed, bpeSchema);
  if (type === 'WordPiece') return fieldsOf(typed, wordPieceSchema);
  if (type === 'Unigram') return fieldsOf(typed, unigramSchema);
  throw new InputError(`the model ${String(type)} cannot be followed`);
}

/** How the library's model, made of this definition alone, makes ids of a piece as the reference does. */
export function pieceEncoder(library: LibraryTokenizer, model: Component): PieceEncoder {
  return remembering(anewEncoder(library, model));
}

/** Words come again. */
const REMEMBERED = { pieces: 10_000, longest: 64 };

function remembering(encode: PieceEncoder): PieceEncoder {
  const found = new Map<string, readonly number[]>();
  return (piece) => {
    if (piece.length > REMEMBERED.longest) return encode(piece);
    const known = found.get(piece);
    if (known) return known;
    if (found.size >= REMEMBERED.pieces) found.clear();
    const ids = encode(piece);
    found.set(piece, ids);
    return ids;
  };
}

function anewEncoder(library: LibraryTokenizer, model: Component): PieceEncoder {
  if (model.type === 'Unigram') return unigramEncoder(library, fieldsOf(model, unigramSchema));
  const encode = (piece: string): readonly number[] => (piece === '' ? [] : library.encode(piece, { add_special_tokens: false }).ids);
  return model.type === 'BPE' ? leavingUnknownOut(library, encode, fieldsOf(model, bpeSchema)) : encode;
}

/** Where no token stands for what is unknown, the reference leaves it out before what stands around it is merged. */
function leavingUnknownOut(library: LibraryTokenizer, encode: PieceEncoder, model: z.infer<typeof bpeSchema>): PieceEncoder {
  if (model.unk_token || model.end_of_word_suffix || model.byte_fallback) return encode;
  const { tokens_to_ids: ids } = library.model;
  return (piece) => {
    const characters = Array.from(piece);
    const known = characters.filter((each) => ids.has(each));
    if (known.length === characters.length || (model.ignore_merges && ids.has(piece))) return encode(piece);
    return (library.model.bpe?.(known.join('')) ?? []).flatMap((token) => ids.get(token) ?? []);
  };
}

/** Unknown characters that follow each other are one unknown token, or their bytes' tokens, which the library does not have. */
function unigramEncoder(library: LibraryTokenizer, model: z.infer<typeof unigramSchema>): PieceEncoder {
  const { tokens_to_ids: ids, scores } = library.model;
  const [, score] = model.vocab[model.unk_id] ?? [];
  if (!scores || score === undefined) throw new InputError('Unigram: unk_id is no token of the vocabulary');
  scores[model.unk_id] = score; // Which the library has replaced by that of an unknown character.
  const idsOf = (unknown: string): readonly number[] => {
    const id = ids.get(unknown);
    if (unknown === '' || id !== undefined) return id === undefined ? [] : [id];
    const bytes = model.byte_fallback ? bytesOf(unknown).map((byte) => ids.get(byte)) : [undefined];
    const known = bytes.filter((byte) => byte !== undefined);
    return known.length === bytes.length ? known : [model.unk_id];
  };
  return (piece) => {
    const found: number[] = [];
    let unknown = '';
    for (const token of library.model.encode([piece])) {
      const id = ids.get(token);
      if (id === undefined || id === model.unk_id) {
        unknown += token;
        continue;
      }
      found.push(...idsOf(unknown), id);
      unknown = '';
    }
    return [...found, ...idsOf(unknown)];
  };
}

const encoder = new TextEncoder();

const bytesOf = (text: string): string[] =>
  Array.from(encoder.encode(text), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
