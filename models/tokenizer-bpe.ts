import path from 'node:path';
import { z } from 'zod';
import { firstIssue, InputError, readText } from '../engine/index.js';
import { readJsonObject } from './json.js';
import { addedTokens } from './tokenizer-added.js';
import { readFields, SPECIAL, type Role, type TokenDescription } from './tokenizer-special.js';
import { template } from './tokenizer-template.js';

/** What a family that ships vocab.json and merges.txt adds to GPT-2's byte-level BPE. */
interface BpeFamily {
  readonly usual: Readonly<Partial<Record<Role, TokenDescription>>>;
  readonly before: readonly Role[];
  readonly after: readonly Role[];
}

const usual = (content: string): TokenDescription => ({ ...SPECIAL, normalized: true, content });

/** By config.json's model_type. */
export const BPE_FAMILIES = {
  opt: {
    usual: { bos: usual('</s>'), eos: usual('</s>'), unk: usual('</s>'), pad: usual('<pad>') },
    before: ['bos'],
    after: [],
  },
  roberta: {
    usual: {
      bos: usual('<s>'),
      eos: usual('</s>'),
      unk: usual('<unk>'),
      sep: usual('</s>'),
      pad: usual('<pad>'),
      cls: usual('<s>'),
      mask: { ...SPECIAL, content: '<mask>', lstrip: true },
    },
    before: ['cls'],
    after: ['sep'],
  },
} as const satisfies Record<string, BpeFamily>;

const vocabularySchema = z.record(z.string(), z.int().nonnegative());

/** What tokenizer_config.json says beside a vocabulary and merges. */
const configSchema = z.looseObject({ add_prefix_space: z.boolean().nullish(), add_bos_token: z.boolean().nullish() });

/**
 * The tokenizer.json that a family's vocabulary and merges, and the folder that they lie in, stand for.
 * @throws InputError where one of the files is broken or lacks a special token.
 */
export function byteLevelBpe(folder: string, vocabularyName: string, mergesName: string, family: BpeFamily) {
  const source = path.join(folder, vocabularyName);
  const vocabulary = readVocabulary(source);
  const added = addedTokens(folder, { source, ids: new Map(Object.entries(vocabulary)), own: [], usual: family.usual });
  const config = readFields(folder, 'tokenizer_config.json', configSchema);
  const before = family.before.filter((role) => role !== 'bos' || config.add_bos_token !== false);
  return {
    added_tokens: added.tokens,
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: config.add_prefix_space ?? false, trim_offsets: true },
    post_processor: template(added.of(before), added.of(family.after)),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: { type: 'BPE', vocab: vocabulary, merges: readMerges(path.join(folder, mergesName)), fuse_unk: false },
  };
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
