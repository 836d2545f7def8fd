import { z } from 'zod';
import { firstIssue, InputError, readText } from '../engine/index.js';
import { readJsonObject } from './json.js';
import { template } from './tokenizer-template.js';

/** What a family that ships vocab.json and merges.txt adds to GPT-2's byte-level BPE. */
interface BpeFamily {
  /** Recognised in the text as a whole; only "<mask>" takes the space before it along. */
  readonly added: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly bos: string;
  readonly eos: string;
  readonly pad: string;
}

/** By config.json's model_type. */
export const BPE_FAMILIES = {
  opt: { added: ['</s>', '<pad>'], before: ['</s>'], after: [], bos: '</s>', eos: '</s>', pad: '<pad>' },
  roberta: {
    added: ['<s>', '<pad>', '</s>', '<unk>', '<mask>'],
    before: ['<s>'],
    after: ['</s>'],
    bos: '<s>',
    eos: '</s>',
    pad: '<pad>',
  },
} as const satisfies Record<string, BpeFamily>;

const vocabularySchema = z.record(z.string(), z.int().nonnegative());

/**
 * The tokenizer.json that a family's vocabulary and merges stand for.
 * @throws InputError where one of the files is broken or lacks a special token.
 */
export function byteLevelBpe(vocabularyFile: string, mergesFile: string, family: BpeFamily) {
  const vocabulary = readVocabulary(vocabularyFile);
  const idOf = (token: string) => {
    const id = vocabulary[token];
    if (id === undefined) throw new InputError(`${vocabularyFile} lacks the special token ${token}`);
    return id;
  };
  const idsOf = (tokens: readonly string[]) => new Map(tokens.map((token) => [token, idOf(token)]));
  return {
    added_tokens: family.added.map((content) => addedToken(idOf(content), content)),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: template(idsOf(family.before), idsOf(family.after)),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: { type: 'BPE', vocab: vocabulary, merges: readMerges(mergesFile), fuse_unk: false },
  };
}

function addedToken(id: number, content: string) {
  return { id, content, special: true, normalized: false, single_word: false, lstrip: content === '<mask>', rstrip: false };
}

function readVocabulary(file: string): Record<string, number> {
  const parsed = vocabularySchema.safeParse(readJsonObject(file));
  if (parsed.success) return parsed.data;
  throw new InputError(`${file}: the ids of its tokens: ${firstIssue(parsed.error)}`);
}

function readMerges(file: string): [string, string][] {
  const lines = readText(file).split(/\r?\n/);
  return lines.flatMap((line, index): [string, string][] => {
    if (line === '' || (index === 0 && line.startsWith('#version'))) return [];
    const [left, right, ...rest] = line.split(' ');
    if (!left || !right || rest.length > 0) {
      throw new InputError(`${file}, line ${index + 1}: a merge is two tokens with one space between, this is: ${line}`);
    }
    return [[left, right]];
  });
}
