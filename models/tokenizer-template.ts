import { z } from 'zod';
import { firstIssue, InputError } from '../engine/errors.js';
import type { TokenizerFiles } from './tokenizer-definition.js';
import type { Around } from './tokenizer-interface.js';

type TokenIds = ReadonlyMap<string, number>;

/** The post-processor of a tokenizer.json that puts these tokens around a text. */
export function template(before: TokenIds, after: TokenIds) {
  const pieces = (tokens: TokenIds) => [...tokens.keys()].map((id) => ({ SpecialToken: { id, type_id: 0 } }));
  const single = [...pieces(before), { Sequence: { id: 'A', type_id: 0 } }, ...pieces(after)];
  const special = [...before, ...after].map(([id, number]) => [id, { id, ids: [number], tokens: [id] }]);
  return { type: 'TemplateProcessing', single, pair: single, special_tokens: Object.fromEntries(special) as object };
}

const token = z.tuple([z.string(), z.int().nonnegative()]);
const templateSchema = z.object({
  single: z.array(
    z.union([z.object({ Sequence: z.object({ id: z.literal('A') }) }), z.object({ SpecialToken: z.object({ id: z.string() }) })]),
  ),
  special_tokens: z.record(z.string(), z.object({ ids: z.array(z.int().nonnegative()) })),
});
const pairSchema = z.object({ cls: token, sep: token });
const sequenceSchema = z.object({ processors: z.array(z.looseObject({})) });
const definitionSchema = z.looseObject({ post_processor: z.looseObject({}).nullish() });

/**
 * What a tokenizer.json's post-processor puts around a text; the text's own tokens stand once between.
 * @throws InputError naming the file where it is none of those known or is broken.
 */
export function aroundText({ source, definition }: TokenizerFiles): Around {
  const parsed = definitionSchema.safeParse(definition);
  return aroundBy(parsed.data?.post_processor ?? { type: 'ByteLevel' }, source);
}

function aroundBy(processor: { type?: unknown }, source: string): Around {
  const read = <Output>(schema: z.ZodType<Output>): Output => {
    const parsed = schema.safeParse(processor);
    if (parsed.success) return parsed.data;
    throw new InputError(`${source}: post_processor: ${firstIssue(parsed.error)}`);
  };
  switch (processor.type) {
    case 'TemplateProcessing':
      return aroundSequence(read(templateSchema), source);
    case 'BertProcessing':
    case 'RobertaProcessing': {
      const { cls, sep } = read(pairSchema);
      return { before: [cls[1]], after: [sep[1]] };
    }
    case 'Sequence':
      // Each of them encloses what the earlier ones made.
      return read(sequenceSchema).processors.reduce<Around>(
        (inner, next) => {
          const outer = aroundBy(next, source);
          return { before: [...outer.before, ...inner.before], after: [...inner.after, ...outer.after] };
        },
        { before: [], after: [] },
      );
    case 'ByteLevel': // It moves offsets alone.
      return { before: [], after: [] };
    default:
      throw new InputError(`${source}: post_processor: ${JSON.stringify(processor.type)} is none that is known`);
  }
}

function aroundSequence({ single, special_tokens: special }: z.infer<typeof templateSchema>, source: string): Around {
  const at = single.findIndex((piece) => 'Sequence' in piece);
  const ids = (pieces: typeof single): number[] => pieces.flatMap((piece) => ('SpecialToken' in piece ? idsOf(piece.SpecialToken.id) : []));
  const idsOf = (name: string): readonly number[] => {
    const known = special[name];
    if (known) return known.ids;
    throw new InputError(`${source}: post_processor: special_tokens has no ${JSON.stringify(name)}, which its template names`);
  };
  if (at < 0 || single.slice(at + 1).some((piece) => 'Sequence' in piece)) {
    throw new InputError(`${source}: post_processor: its template must have the text once`);
  }
  return { before: ids(single.slice(0, at)), after: ids(single.slice(at + 1)) };
}
