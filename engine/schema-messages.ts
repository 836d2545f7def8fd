import { z } from 'zod';

// What a schema of zod's did not like, as a sentence that anyone understands: what is needed, and what was given. A schema's own
// message goes before these. They hold in the whole process as soon as this file is loaded.

type Issue = z.core.$ZodRawIssue;

z.config({ customError: (issue) => schemaMessage(issue) });

/** "a whole number of at least 1 is needed, not 0", or for what is not there "is missing; a whole number is needed". */
export function schemaMessage(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.map((key) => shown(key)).join(', ')}: there is no such field`;
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return anyOf(issue.errors);
  const [needed, given] = [neededBy(issue), givenIn(issue)];
  return given === undefined ? `is missing; ${needed} is needed` : `${needed} is needed, not ${shown(given)}`;
}

function neededBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.inst instanceof z.core.$ZodNumberFormat) return 'a whole number';
      return KINDS[issue.expected] ?? `a value of kind ${issue.expected}`;
    case 'too_small':
      return limited(issue, issue.inclusive === false ? 'above' : 'of at least', issue.minimum);
    case 'too_big':
      return limited(issue, issue.inclusive === false ? 'below' : 'of at most', issue.maximum);
    case 'invalid_value':
      return choiceOf(issue.values);
    case 'not_multiple_of':
      return `a multiple of ${String(issue.divisor)}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'a text of another form';
    case 'invalid_union':
      return choiceOf((issue.options as readonly unknown[] | undefined) ?? []);
    default:
      return 'another value';
  }
}

/** What zod calls the kinds of values. */
const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  null: 'null',
  function: 'a function',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  tuple: 'a list',
  date: 'a date',
  bigint: 'a whole number',
};

const FORMATS: Readonly<Record<string, string>> = {
  safeint: 'a whole number',
  datetime: 'a date and time',
  url: 'an address',
};

/** What sizes are of: a value itself, a text's characters, a list's entries. */
const SIZES: Readonly<Record<string, readonly [of: string, unit: string]>> = {
  string: ['a text', ' characters'],
  array: ['a list', ' entries'],
};

function limited(
  { origin, exact = false }: { readonly origin: string; readonly exact?: boolean | undefined },
  side: string,
  bound: unknown,
): string {
  const [of, unit] = SIZES[origin] ?? ['a number', ''];
  return `${of} ${exact ? 'of' : side} ${String(bound)}${unit}`;
}

function choiceOf(values: readonly unknown[]): string {
  const all = values.map(String);
  return all.length === 1 ? (all[0] ?? '') : `one of ${all.join(', ')}`;
}

/** The kinds of a value that may be of several, or what each of its forms lacks. */
function anyOf(forms: readonly (readonly z.core.$ZodIssue[])[]): string {
  const lacks = forms.flatMap(([issue]) => (issue ? [[issue.path.join('.'), issue.message].filter(Boolean).join(': ')] : []));
  return [...new Set(lacks)].join(', or ');
}

/** Of a union that a field decides, that field. */
function givenIn({ input, code, ...issue }: Issue): unknown {
  const field = code === 'invalid_union' && 'discriminator' in issue ? issue.discriminator : undefined;
  return typeof field === 'string' && typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[field] : input;
}

const SHOWN_CHARACTERS = 40;

/** A value in a line: texts in quotes and cut, objects and lists by their kind. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return typeof value === 'function' ? 'a function' : String(value);
  const quoted = JSON.stringify(value);
  return quoted.length <= SHOWN_CHARACTERS ? quoted : `${quoted.slice(0, SHOWN_CHARACTERS - 4)}..."`;
}
