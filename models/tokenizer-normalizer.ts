import { z } from 'zod';
import { InputError } from '../engine/errors.js';
import { firstIssue } from '../engine/index.js';
import { limitGrowth, normalizeInTurn } from './tokenizer-limits.js';
import { expressionOf, patternSchema } from './tokenizer-pattern.js';
import { isChinese, isControl, isMark, isNonspacingMark, isWhiteSpace, unicodeForm } from './tokenizer-unicode.js';

/** A component of tokenizer.json. */
export type Component = Readonly<Record<string, unknown>>;

/** Changes a text before it is split. */
export interface Normalizer {
  normalize: (text: string) => string;
  /** Whether the text's beginning may become another one, so that what stands there is not at the text's beginning any more. */
  readonly mayCutBeginning: boolean;
}

const sequenceSchema = z.object({ normalizers: z.array(z.looseObject({})) });
const replaceSchema = z.object({ pattern: patternSchema, content: z.string() });
const stripSchema = z.object({ strip_left: z.boolean(), strip_right: z.boolean() });
const bertSchema = z.object({
  clean_text: z.boolean(),
  handle_chinese_chars: z.boolean(),
  strip_accents: z.boolean().nullable(),
  lowercase: z.boolean(),
});

/** Reads the fields of a component. @throws InputError naming it and the field. */
export function fieldsOf<Fields>(component: Component, schema: z.ZodType<Fields>): Fields {
  const parsed = schema.safeParse(component);
  if (parsed.success) return parsed.data;
  throw new InputError(`${String(component.type)}: ${firstIssue(parsed.error)}`);
}

/**
 * A tokenizer.json's normalizer, as the reference has it.
 * @throws InputError naming one that cannot be followed exactly.
 */
export const normalizerOf = (component: Component): Normalizer => limitGrowth(unlimited(component));

function unlimited(component: Component): Normalizer {
  const { type } = component;
  switch (type) {
    case 'Sequence':
      return inSequence(fieldsOf(component, sequenceSchema).normalizers.map(normalizerOf));
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return keepingBeginning((text) => unicodeForm(text, type));
    case 'Lowercase':
      return keepingBeginning(lowercase);
    case 'Prepend': {
      const { prepend } = fieldsOf(component, z.object({ prepend: z.string() }));
      return keepingBeginning((text) => (text === '' ? text : prepend + text));
    }
    case 'Replace':
      return replacing(fieldsOf(component, replaceSchema));
    case 'Strip':
      return { normalize: stripping(fieldsOf(component, stripSchema)), mayCutBeginning: true };
    case 'StripAccents':
      return { normalize: (text) => without(text, isMark), mayCutBeginning: true };
    case 'BertNormalizer':
      return { normalize: bert(fieldsOf(component, bertSchema)), mayCutBeginning: true };
    default:
      throw new InputError(`the normalizer ${String(type)} cannot be followed exactly`);
  }
}

const keepingBeginning = (normalize: Normalizer['normalize']): Normalizer => ({ normalize, mayCutBeginning: false });

function inSequence(normalizers: readonly Normalizer[]): Normalizer {
  return {
    normalize: (text) => normalizeInTurn(normalizers, text),
    mayCutBeginning: normalizers.some(({ mayCutBeginning }) => mayCutBeginning),
  };
}

/** Each code point by itself: JavaScript's lower case of a whole word ends it with "ς", the reference's with "σ". */
const lowercase = (text: string): string => Array.from(text, (codePoint) => codePoint.toLowerCase()).join('');

const without = (text: string, isOut: (codePoint: string) => boolean): string =>
  Array.from(text)
    .filter((codePoint) => !isOut(codePoint))
    .join('');

function replacing({ pattern, content }: z.infer<typeof replaceSchema>): Normalizer {
  const expression = expressionOf(pattern);
  const isOneForAnother = 'String' in pattern && Array.from(pattern.String).length === 1 && content !== '';
  return { normalize: (text) => text.replace(expression, () => content), mayCutBeginning: !isOneForAnother };
}

function stripping({ strip_left: left, strip_right: right }: z.infer<typeof stripSchema>): Normalizer['normalize'] {
  return (text) => {
    const codePoints = Array.from(text);
    const isKept = (codePoint: string) => !isWhiteSpace(codePoint);
    const start = left ? codePoints.findIndex(isKept) : 0;
    const end = right ? codePoints.findLastIndex(isKept) + 1 : codePoints.length;
    return start < 0 ? '' : codePoints.slice(start, end).join('');
  };
}

function bert(options: z.infer<typeof bertSchema>): Normalizer['normalize'] {
  const steps = [
    options.clean_text && cleaned,
    options.handle_chinese_chars && ((text: string) => changed(text, (each) => (isChinese(each) ? ` ${each} ` : each))),
    (options.strip_accents ?? options.lowercase) && ((text: string) => without(unicodeForm(text, 'NFD'), isNonspacingMark)),
    options.lowercase && lowercase,
  ].filter((step) => step !== false);
  return (text) => steps.reduce((cleanedText, step) => step(cleanedText), text);
}

const cleaned = (text: string): string =>
  changed(
    without(text, (each) => each === '\0' || each === '\ufffd' || isControl(each)),
    (each) => (isWhiteSpace(each) ? ' ' : each),
  );

const changed = (text: string, change: (codePoint: string) => string): string => Array.from(text, change).join('');
