import yargs, { type Argv } from 'yargs';
import { z } from 'zod';
import { nearestName, unknownName, UsageError } from '../engine/errors.js';
import { dashed } from '../options/index.js';

/** How an option's value is read: names and numbers are lists separated by commas. */
export type OptionKind = 'names' | 'numbers' | 'number' | 'text' | 'flag';

/** By the type of its value. */
export function kindOf(option: z.core.$ZodType): OptionKind {
  const type = innermost(option);
  if (type instanceof z.ZodBoolean) return 'flag';
  if (type instanceof z.ZodNumber) return 'number';
  if (type instanceof z.ZodArray) return innermost(type.element) instanceof z.ZodNumber ? 'numbers' : 'names';
  return 'text';
}

/** Without what makes it optional, or changes its value afterwards. */
function innermost(type: z.core.$ZodType): z.core.$ZodType {
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault) return innermost(type.unwrap());
  return type instanceof z.ZodPipe ? innermost(type.in) : type;
}

/** What is said of it, wherever that was written. */
function descriptionOf(option: z.core.$ZodType): string {
  const said = [option, innermost(option)].flatMap((type) => (type instanceof z.ZodType ? (type.description ?? []) : []));
  return said[0] ?? '';
}

/** A program's command line: its options by name, in camel case; on the command line they are in kebab case. */
export interface CommandLine<Shape extends z.ZodRawShape> {
  /** Such as `npm run bench --`. */
  readonly scriptName: string;
  readonly usage: string;
  /** What is given without dashes, such as `<log>`; where there is none, nothing may be. */
  readonly operands?: string;
  /** All options but those that every program has: types and defaults, and in `describe` what help says. */
  readonly schema: z.ZodObject<Shape>;
  /** Commands without the script's name, and what they do. */
  readonly examples: readonly (readonly [command: string, description: string])[];
  /** What can be given, by kind: listed below the examples. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** The help's end. */
  readonly remark?: string;
}

/** What is asked of a program. */
export interface Parsed<Shape extends z.ZodRawShape> {
  readonly options: z.output<z.ZodObject<Shape>>;
  readonly operands: readonly string[];
  /** What is asked for instead of anything else. */
  readonly asksFor: 'help' | 'version' | undefined;
  readonly manner: Manner;
}

/** How the program is asked to go about it. */
export interface Manner {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Nothing shall be run or written. */
  readonly dryRun: boolean;
}

/** The options that every program has. */
const EVERYWHERE = {
  json: z.boolean().describe('results as JSON, one a line'),
  quiet: z.boolean().describe('no progress; what went wrong is said all the same'),
  dryRun: z.boolean().describe('say what would be done, and neither run nor write anything'),
  help: z.boolean().describe('show this'),
  version: z.boolean().describe("show zobench's version"),
} as const;

/** The option that a shell asks for completions with, before the words so far; yargs' script gives it. */
export const COMPLETION = '--get-yargs-completions';

/** What the last of the words may become, one a line. */
export async function completionsOf<Shape extends z.ZodRawShape>(line: CommandLine<Shape>, words: readonly string[]): Promise<string> {
  return (await parser(line, []).getCompletion([...words])).map((word) => `${word}\n`).join('');
}

/** The text `--help` shows. */
export async function helpOf<Shape extends z.ZodRawShape>(line: CommandLine<Shape>): Promise<string> {
  return parser(line, []).getHelp();
}

/** @throws UsageError in one line for an unknown option or a value that cannot be. */
export function parseCommandLine<Shape extends z.ZodRawShape>(line: CommandLine<Shape>, argv: readonly string[]): Parsed<Shape> {
  const given: Record<string, unknown> = parser(line, argv).parseSync();
  const operands = [given._].flat().map(String);
  if (operands[0] !== undefined && line.operands === undefined) {
    throw new UsageError(`unexpected argument ${operands[0]}: options start with -- (see --help)`);
  }
  refuseUnknown(given, Object.keys({ ...line.schema.shape, ...EVERYWHERE }).map(dashed));
  const asksFor = (['help', 'version'] as const).find((name) => given[name] === true);
  const manner = { json: given.json === true, quiet: given.quiet === true, dryRun: given['dry-run'] === true };
  return { options: optionsIn(given, line), operands, asksFor, manner };
}

function optionsIn<Shape extends z.ZodRawShape>(
  given: Readonly<Record<string, unknown>>,
  { schema }: CommandLine<Shape>,
): z.output<z.ZodObject<Shape>> {
  const values = Object.entries(schema.shape).flatMap(([name, option]) => {
    const value = given[dashed(name)];
    return value === undefined ? [] : [[name, typedValue(dashed(name), kindOf(option), value)]];
  });
  const result = schema.safeParse(Object.fromEntries(values));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = dashed(String(issue?.path[0]));
  throw new UsageError(`--${name} ${String(given[name])}: ${issue?.message ?? 'wrong value'}`);
}

/** What yargs says where an option is the last word, or another option follows. */
const VALUE_MISSING = /^Not enough arguments following: (\S+)$/;

function parser<Shape extends z.ZodRawShape>(
  { scriptName, usage, operands, schema, examples, names = {}, remark = '' }: CommandLine<Shape>,
  argv: readonly string[],
): Argv {
  const cli = yargs([...argv])
    .scriptName(scriptName)
    .usage(`${usage}\n\nUsage: $0 ${operands === undefined ? '' : `${operands} `}[options]`)
    .locale('en')
    .updateStrings({ string: 'value', boolean: 'flag' })
    .help(false)
    .version(false)
    .exitProcess(false)
    .wrap(110)
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'boolean-negation': false,
      'parse-positional-numbers': false,
    })
    .fail((message: string, error?: Error) => {
      throw new UsageError(message.replace(VALUE_MISSING, '--$1 needs a value (see --help)') || (error?.message ?? 'wrong usage'));
    });
  for (const [command, description] of examples) cli.example(`$0 ${command}`, description);
  for (const [name, option] of Object.entries({ ...schema.shape, ...EVERYWHERE })) {
    const kind = kindOf(option);
    cli.option(dashed(name), {
      describe: descriptionOf(option),
      type: kind === 'flag' ? 'boolean' : 'string',
      requiresArg: kind !== 'flag',
    });
  }
  cli.alias('h', 'help');
  const listed = Object.entries(names).map(([kind, ids]) => `${kind}: ${ids.join(', ')}`);
  return cli.epilogue([listed.join('\n'), remark].filter((part) => part !== '').join('\n\n'));
}

function refuseUnknown(given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !['_', '$0', 'h', ...known].includes(name));
  const withDashes = (name: string): string => `--${name}`;
  if (unknown === undefined) return;
  const near = nearestName(withDashes(unknown), known.map(withDashes));
  if (near !== undefined) throw new UsageError(`unknown option ${withDashes(unknown)}: did you mean ${near}? (all: --help)`);
  throw unknownName('option', withDashes(unknown), known.map(withDashes));
}

function typedValue(name: string, kind: OptionKind, value: unknown): unknown {
  if (kind === 'names' || kind === 'numbers') {
    const parts = [value].flat().flatMap((part) => String(part).split(','));
    const typed = parts.map((part) => (kind === 'names' ? part.trim() : numberIn(part)));
    return [...new Set(typed)];
  }
  if (Array.isArray(value)) throw new UsageError(`--${name} is given ${value.length} times: give it once`);
  return kind === 'number' ? numberIn(String(value)) : value;
}

/** Number('') is 0, which nobody means. */
const numberIn = (text: string): number => (text.trim() === '' ? NaN : Number(text));
