import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { InputError, nearestName, readText } from '../../engine/index.js';
import { kindOf } from '../../command-line/index.js';
import { dashed } from '../../options/index.js';
import { optionsSchema, type Options } from './arguments.js';

// A run as a file: what the command line takes, under the same names, in YAML or JSON.

type Name = keyof Options;

/** What belongs to a call, not to a run. */
const OF_THE_CALL: readonly Name[] = ['out', 'plan', 'resume', 'retry', 'shard'];
/** Of these a file may give several: a cell for each. */
const SEVERAL = ['learningRate', 'epsilon'] as const;

const NAMES_NEEDED = 'a list of names is needed, or names separated by commas';
const named = z.union(
  [z.array(z.string(NAMES_NEEDED).min(1, NAMES_NEEDED)).min(1, NAMES_NEEDED), z.string().min(1, NAMES_NEEDED)],
  NAMES_NEEDED,
);

function fieldOf(name: Name): z.ZodType {
  const value: z.ZodType = optionsSchema.shape[name].unwrap();
  const several = SEVERAL.some((each) => each === name);
  const taken = kindOf(optionsSchema.shape[name]) === 'names' ? named : several ? z.union([value, z.array(value).min(1)]) : value;
  return taken.optional().describe(value.description ?? '');
}

const names = (Object.keys(optionsSchema.shape) as Name[]).filter((name) => !OF_THE_CALL.includes(name));
const fields = Object.fromEntries(names.map((name) => [dashed(name), fieldOf(name)]));
const run = z.strictObject(fields);

/** A file's content: options of all its runs, and runs with options of their own. */
export const gridFileSchema = z.strictObject(
  {
    $schema: z.string().optional(),
    ...fields,
    runs: z.array(run).min(1).optional().describe('parts of the run, each with what it does not share with the others'),
  },
  // Undefined leaves an unknown option to its own message.
  { error: ({ code }) => (code === 'invalid_type' ? 'options by name are needed, such as `seeds: 3`' : undefined) },
);

/** What editors complete and check such a file by: JSON Schema. */
export const gridFileJsonSchema = (): object => z.toJSONSchema(gridFileSchema, { io: 'input', unrepresentable: 'any' });

/**
 * The requests that a file makes: one for each of its runs, and for each of several learning rates and epsilons.
 * @throws InputError with file, line and field.
 */
export function readGridFile(file: string): Options[] {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) throw new InputError(`${file}:${lines.linePos(broken.pos[0]).line}: ${broken.message.split('\n')[0] ?? ''}`);
  const parsed = gridFileSchema.safeParse(contentOf(document, file));
  if (!parsed.success) throw new InputError(complaint(file, document, lines, parsed.error));
  const { runs = [{}], ...shared } = parsed.data;
  return runs.flatMap((own) => expanded(camelCased({ ...shared, ...own })));
}

/** @throws InputError where its references multiply beyond what anyone writes. */
function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new InputError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function camelCased(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values = names.map((name): [Name, unknown] => [name, given[dashed(name)]]).filter(([, value]) => value !== undefined);
  const listed = (name: Name, value: unknown): unknown =>
    kindOf(optionsSchema.shape[name]) === 'names' && typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value;
  return Object.fromEntries(values.map(([name, value]) => [name, listed(name, value)]));
}

function expanded(given: Readonly<Record<string, unknown>>): Options[] {
  return SEVERAL.reduce<Record<string, unknown>[]>(
    (requests, name) =>
      requests.flatMap((request) =>
        Array.isArray(request[name]) ? request[name].map((value: unknown) => ({ ...request, [name]: value })) : [request],
      ),
    [given],
  ).map((request) => optionsSchema.parse(request));
}

/** `my-grid.yaml:3: runs.0.steps: a whole number of at least 1 is needed` */
function complaint(file: string, document: Document, lines: LineCounter, { issues: [issue] }: z.ZodError): string {
  const path = issue?.path ?? [];
  const [unknown] = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  if (unknown === undefined)
    return `${file}:${lineOf(document, lines, path)}: ${path.join('.') || 'the file'}: ${issue?.message ?? 'is wrong'}`;
  const near = nearestName(unknown, path.length === 0 ? [...Object.keys(fields), 'runs'] : Object.keys(fields));
  return `${file}:${lineOf(document, lines, [...path, unknown])}: unknown option ${unknown}${near === undefined ? '' : `: did you mean ${near}?`}`;
}

/** Of the innermost part of a path that stands in the file. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { readonly range?: readonly number[] } | undefined;
    if (node?.range) return lines.linePos(node.range[0] ?? 0).line;
  }
  return 1;
}
