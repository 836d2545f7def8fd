import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { firstIssue, InputError } from '../engine/errors.js';
import { projectFolder } from '../engine/project.js';
import { readJsonObject } from './json.js';
import { BPE_FAMILIES, byteLevelBpe } from './tokenizer-bpe.js';
import { sentencePieceBpe } from './tokenizer-sentencepiece.js';
import type { AskedRole, TokenizerDefinition, TokenizerFiles } from './tokenizer-definition.js';
import { addedTokenSchema, readFields, readNamedTokens } from './tokenizer-special.js';
import { modelWithVocabulary } from './tokenizer-vocabulary.js';

const component = z.looseObject({}).nullable().default(null);
const definitionSchema = z.looseObject({
  model: modelWithVocabulary,
  added_tokens: z.array(addedTokenSchema).default([]),
  normalizer: component,
  pre_tokenizer: component,
  post_processor: component,
  decoder: component,
});
const modelSchema = z.looseObject({ model_type: z.string().optional().catch(undefined) });

const VOCABULARY_PAIRS = [
  { vocabulary: 'vocab.json', merges: 'merges.txt', family: undefined },
  { vocabulary: 'gpt2-vocab.json', merges: 'gpt2-merges.txt', family: 'opt' }, // as OPT was first published
];

/** As Llama, Vicuna and Mistral are published with; Vicuna has nothing else. */
const SENTENCE_PIECE = 'tokenizer.model';

/** What else a tokenizer is read from. */
const BESIDE = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json', SENTENCE_PIECE];

/** The files of a folder that its tokenizer may be read from. */
export const tokenizerFiles = (folder: string): string[] =>
  [...BESIDE, ...VOCABULARY_PAIRS.flatMap(({ vocabulary, merges }) => [vocabulary, merges])]
    .map((name) => path.join(folder, name))
    .filter((file) => fs.existsSync(file));

/** Whether a folder has files that {@link readTokenizerFiles} makes a tokenizer of. */
export function hasTokenizer(folder: string): boolean {
  const isThere = (name: string) => fs.existsSync(path.join(folder, name));
  return (
    isThere('tokenizer.json') ||
    isThere(SENTENCE_PIECE) ||
    VOCABULARY_PAIRS.some(({ vocabulary, merges }) => isThere(vocabulary) && isThere(merges))
  );
}

/** Whether it is the tokenizer of a model that comes with zobench. */
export const isBundled = (folder: string): boolean => path.dirname(path.resolve(folder)) === path.join(projectFolder, 'models', 'bundled');

/** Of all files that a folder's tokenizer may be made of. */
export function tokenizerBytes(folder: string): number {
  const names = ['tokenizer.json', SENTENCE_PIECE, ...VOCABULARY_PAIRS.flatMap(({ vocabulary, merges }) => [vocabulary, merges])];
  return names.reduce((sum, name) => sum + (fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

/**
 * Reads tokenizer.json, or puts its equivalent together from a vocabulary and merges, or from a SentencePiece model.
 * @throws InputError where the folder has neither or a file is broken.
 */
export function readTokenizerFiles(folder: string): TokenizerFiles {
  const source = path.join(folder, 'tokenizer.json');
  if (fs.existsSync(source)) return { source, definition: readDefinition(source), roles: readRoles(folder) };
  const isThere = (name: string) => fs.existsSync(path.join(folder, name));
  const pair = VOCABULARY_PAIRS.find(({ vocabulary, merges }) => isThere(vocabulary) && isThere(merges));
  if (pair) return assemble(folder, pair);
  if (isThere(SENTENCE_PIECE)) return convert(path.join(folder, SENTENCE_PIECE), folder);
  throw new InputError(`${folder} has no tokenizer: neither tokenizer.json nor vocab.json with merges.txt nor ${SENTENCE_PIECE}`);
}

function readDefinition(file: string): TokenizerDefinition {
  const parsed = definitionSchema.safeParse(readJsonObject(file));
  if (parsed.success) return parsed.data;
  throw new InputError(`${file}: ${firstIssue(parsed.error)}`);
}

function convert(source: string, folder: string): TokenizerFiles {
  return { source, definition: sentencePieceBpe(source, folder), roles: readRoles(folder) };
}

function assemble(folder: string, { vocabulary, merges, family: usual }: (typeof VOCABULARY_PAIRS)[number]): TokenizerFiles {
  const { model_type: modelType = usual } = readFields(folder, 'config.json', modelSchema);
  if (modelType !== 'opt' && modelType !== 'roberta') {
    throw new InputError(
      `${folder} has no tokenizer.json, and ${vocabulary} is enough only where config.json's model_type is opt or roberta`,
    );
  }
  const family = BPE_FAMILIES[modelType];
  const { bos, eos, pad } = readRoles(folder);
  return {
    source: path.join(folder, vocabulary),
    definition: byteLevelBpe(folder, vocabulary, merges, family),
    roles: {
      bos: [...bos, family.usual.bos.content],
      eos: [...eos, family.usual.eos.content],
      pad: [...pad, family.usual.pad.content],
    },
  };
}

function readRoles(folder: string): TokenizerFiles['roles'] {
  const { byRole } = readNamedTokens(folder);
  const model = readFields(folder, 'config.json', z.looseObject({}));
  const candidates = (role: AskedRole) => {
    const named = byRole[role];
    const ids = [model[`${role}_token_id`]].flat().filter((id) => typeof id === 'number');
    return [...(named === undefined ? [] : [typeof named === 'string' ? named : named.content]), ...ids];
  };
  return { bos: candidates('bos'), eos: candidates('eos'), pad: candidates('pad') };
}
