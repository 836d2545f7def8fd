import { z } from 'zod';
import { firstIssue, InputError } from '../../engine/errors.js';
import { isSet } from '../config.js';

/** GPTQ's integers (Frantar et al. 2022, arXiv:2210.17323) as AutoGPTQ and GPTQModel store them. */
export interface GptqSettings {
  readonly method: 'gptq';
  readonly bits: 2 | 4 | 8;
  /** Inputs that share a scale; -1: all of them. */
  readonly groupSize: number;
  /** Whether the stored zero points are the real ones (version 2) or one less (version 1). */
  readonly version: 1 | 2;
  readonly symmetric: boolean;
}

/** AQLM's codebooks (Egiazarian et al. 2024, arXiv:2401.06118). */
export interface AqlmSettings {
  readonly method: 'aqlm';
  readonly codebooks: number;
  /** Of a code: a codebook has 2^bits vectors. */
  readonly bits: number;
  readonly outGroup: number;
  readonly inGroup: number;
}

export type QuantizationSettings = GptqSettings | AqlmSettings;

const empty = z.union([z.null(), z.object({}).strict()]).optional();

const gptqSchema = z
  .looseObject({
    bits: z.literal([2, 4, 8]),
    group_size: z.union([z.literal(-1), z.int().positive()]),
    sym: z.boolean().default(true),
    checkpoint_format: z.enum(['gptq', 'gptq_v2']).optional(),
    format: z.enum(['gptq', 'gptq_v2']).optional(),
    pack_dtype: z.literal('int32').default('int32'),
    dynamic: empty,
  })
  .transform(({ bits, group_size: groupSize, sym: symmetric, checkpoint_format: newer, format }): GptqSettings => {
    const version = (newer ?? format) === 'gptq_v2' ? 2 : 1;
    return { method: 'gptq', bits, groupSize, symmetric, version };
  });

const aqlmSchema = z
  .looseObject({
    num_codebooks: z.int().positive().max(16),
    nbits_per_codebook: z.int().positive().max(16),
    out_group_size: z.int().positive(),
    in_group_size: z.int().positive(),
  })
  .transform(({ num_codebooks: codebooks, nbits_per_codebook: bits, out_group_size: outGroup, in_group_size: inGroup }): AqlmSettings => ({
    method: 'aqlm',
    codebooks,
    bits,
    outGroup,
    inGroup,
  }));

const schemas = { gptq: gptqSchema, aqlm: aqlmSchema };

/** Where a config.json says how its weights are quantised. */
export const QUANTIZATION_FIELD = 'quantization_config';

/**
 * How a checkpoint's weights are quantised, by what its `quantization_config` or quantize_config.json says.
 * @throws InputError naming `file` and the field, also where the method is one that cannot be read.
 */
export function quantizationSettings(said: unknown, file: string): QuantizationSettings | undefined {
  if (!isSet(said)) return undefined;
  const method = methodOf(said);
  if (!isKnown(method)) {
    const known = Object.keys(schemas).join(', ');
    throw new InputError(`${file}: quant_method: ${JSON.stringify(method)} is not supported (there are: ${known})`);
  }
  const parsed = schemas[method].safeParse(said);
  if (parsed.success) return parsed.data;
  throw new InputError(`${file}: quantization: ${firstIssue(parsed.error)}`);
}

/** AutoGPTQ's quantize_config.json names no method. */
function methodOf(said: unknown): unknown {
  if (typeof said !== 'object' || said === null) return said;
  return 'quant_method' in said ? said.quant_method : 'bits' in said ? 'gptq' : undefined;
}

const isKnown = (method: unknown): method is keyof typeof schemas => typeof method === 'string' && Object.hasOwn(schemas, method);
