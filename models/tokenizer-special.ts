import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { firstIssue, InputError } from '../engine/errors.js';
import { readJsonObject } from './json.js';
import { LARGEST_ID } from './tokenizer-vocabulary.js';

/** What a special token is for, in transformers' order. */
export const ROLES = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'] as const;
export type Role = (typeof ROLES)[number];

/** How a token is recognised in a text, in the words of tokenizer.json. */
export interface TokenDescription {
  readonly content: string;
  readonly special: boolean;
  readonly normalized: boolean;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
}

export interface AddedToken extends TokenDescription {
  readonly id: number;
}

/** Which tokens a folder names as special, each with its description where the file has one. */
export interface NamedTokens {
  readonly byRole: Readonly<Partial<Record<Role, string | TokenDescription>>>;
  readonly additional: readonly (string | TokenDescription)[];
}

/** How a special token is recognised of which only the name is known. */
export const SPECIAL = { special: true, normalized: false, single_word: false, lstrip: false, rstrip: false } as const;

const flag = z.boolean().default(false);
const descriptionSchema = z
  .object({
    content: z.string().min(1),
    special: flag,
    normalized: z.boolean().optional(),
    single_word: flag,
    lstrip: flag,
    rstrip: flag,
  })
  .transform((token): TokenDescription => ({ ...token, normalized: token.normalized ?? !token.special }));
/** One of tokenizer.json's. */
export const addedTokenSchema = z.intersection(z.object({ id: z.int().nonnegative().max(LARGEST_ID) }), descriptionSchema);
const nameSchema = z.union([z.string(), descriptionSchema], 'is neither a token nor the description of one');
const listSchema = z
  .union([z.array(nameSchema), z.record(z.string(), nameSchema)], 'is no list of tokens')
  .nullish()
  .transform((tokens) => Object.values(tokens ?? {}));
const roleSchema = nameSchema.nullish().transform((token) => (token === '' ? undefined : (token ?? undefined)));
const namesSchema = z.looseObject({
  bos_token: roleSchema,
  eos_token: roleSchema,
  unk_token: roleSchema,
  sep_token: roleSchema,
  pad_token: roleSchema,
  cls_token: roleSchema,
  mask_token: roleSchema,
  additional_special_tokens: listSchema,
  extra_special_tokens: listSchema,
});
const decoderSchema = z.looseObject({
  added_tokens_decoder: z
    .record(z.string().regex(/^\d{1,8}$/), descriptionSchema)
    .nullish()
    .transform((decoder) => decoder ?? undefined),
});
const listedSchema = z.record(z.string().min(1), z.int().min(0).max(99_999_999));

/**
 * The special tokens that tokenizer_config.json and special_tokens_map.json name. As in transformers, the latter decides, but is not
 * asked where the former has an added_tokens_decoder.
 * @throws InputError naming the file and the field where one is no token.
 */
export function readNamedTokens(folder: string): NamedTokens {
  const config = readFields(folder, 'tokenizer_config.json', namesSchema);
  const map = config.added_tokens_decoder ? namesSchema.parse({}) : readFields(folder, 'special_tokens_map.json', namesSchema);
  return {
    byRole: Object.fromEntries(ROLES.map((role) => [role, map[`${role}_token`] ?? config[`${role}_token`]])),
    additional: [config, map].flatMap((names) => [...names.additional_special_tokens, ...names.extra_special_tokens]),
  };
}

/**
 * The tokens of tokenizer_config.json's added_tokens_decoder, where it has one.
 * @throws InputError where that is not what transformers writes.
 */
export function readAddedTokensDecoder(folder: string): AddedToken[] | undefined {
  const { added_tokens_decoder: decoder } = readFields(folder, 'tokenizer_config.json', decoderSchema);
  return decoder === undefined ? undefined : Object.entries(decoder).map(([id, token]) => ({ ...token, id: Number(id) }));
}

/**
 * The tokens of added_tokens.json with their ids, in the order of these.
 * @throws InputError where it is anything else.
 */
export function readAddedTokens(folder: string): (readonly [string, number])[] {
  return Object.entries(readFields(folder, 'added_tokens.json', listedSchema)).sort(([, a], [, b]) => a - b);
}

/**
 * What a JSON object of a folder says, an empty one where there is no such file.
 * @throws InputError naming the file and the field that is not as it should be.
 */
export function readFields<Fields>(folder: string, name: string, schema: z.ZodType<Fields>): Fields {
  const file = path.join(folder, name);
  const parsed = schema.safeParse(fs.existsSync(file) ? readJsonObject(file) : {});
  if (parsed.success) return parsed.data;
  throw new InputError(`${file}: ${firstIssue(parsed.error)}`);
}
