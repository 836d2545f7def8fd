import { z } from 'zod';
import { UsageError, unknownName } from '../engine/index.js';

/** What may be set of a thing with an id: `zo-sgd:q=4:sides=one` names an optimizer, `lora:rank=4` a scheme. */
export interface OptionSet<Values = unknown> {
  /** Each option with its default and its meaning. */
  readonly schema: z.ZodObject;
  /**
   * The values of options given by name, and the one name for the thing that has them.
   * @throws UsageError in one line for options that cannot be.
   */
  readonly resolve: (given: Readonly<Record<string, unknown>>) => { readonly id: string; readonly values: Values };
}

/** The options (zod, in camel case, each with a default or optional) of the `kind` of thing that has this id. */
export function optionSet<Shape extends z.ZodRawShape>(kind: string, id: string, shape: Shape): OptionSet<z.output<z.ZodObject<Shape>>> {
  const schema = z.strictObject(shape);
  return {
    schema,
    resolve(given) {
      requireKnown(kind, id, schema, given);
      requireValues(kind, id, schema, given);
      const parsed = schema.safeParse(given);
      if (!parsed.success) throw wrongValue(kind, id, given, parsed.error);
      const values = parsed.data as z.output<z.ZodObject<Shape>>;
      return { id: canonicalId(id, schema, values), values };
    },
  };
}

/** One option, as on the command line. */
export interface OptionDescription {
  readonly name: string;
  /** Empty where the option is off unless given. */
  readonly default: string;
  readonly description: string;
}

export function describeOptions({ schema }: Pick<OptionSet, 'schema'>): readonly OptionDescription[] {
  const defaults: Readonly<Record<string, unknown>> = schema.parse({});
  return Object.entries(schema.shape).map(([name, option]) => {
    const by = defaults[name];
    const description = (option as z.ZodType).description ?? '';
    const inner: unknown = option instanceof z.ZodDefault ? option.unwrap() : option;
    return {
      name: dashed(name),
      default: typeof by === 'number' || typeof by === 'string' ? `${by}` : '',
      description: inner instanceof z.ZodEnum ? `${inner.options.join(', ')}: ${description}` : description,
    };
  });
}

/** "zo-sgd:q=4:sides=one" as the id and the options by name. */
export function parseName(kind: string, name: string): { id: string; options: Record<string, unknown> } {
  const [id = '', ...parts] = name.split(':');
  const options = parts.map((part) => {
    const [option = '', ...value] = part.split('=');
    return [camelCase(option), value.length === 0 ? true : value.join('=')] as const;
  });
  const twice = options.find(([option], k) => options.findIndex(([other]) => other === option) < k);
  if (twice) throw new UsageError(`${kind} ${name} is given ${dashed(twice[0])} twice`);
  return { id, options: Object.fromEntries(options) };
}

/** The options in the order of the definition, those at their defaults left out: one name for one thing. */
function canonicalId(id: string, schema: z.ZodObject, values: Readonly<Record<string, unknown>>): string {
  const defaults = schema.parse({});
  const given = Object.keys(schema.shape).filter((name) => values[name] !== defaults[name]);
  return [id, ...given.map((name) => (values[name] === true ? dashed(name) : `${dashed(name)}=${String(values[name])}`))].join(':');
}

function requireKnown(kind: string, id: string, schema: z.ZodObject, given: Readonly<Record<string, unknown>>): void {
  const known = Object.keys(schema.shape);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined && known.length === 0) throw new UsageError(`${kind} ${id} has no options: leave out ${dashed(unknown)}`);
  if (unknown !== undefined) throw unknownName(`option of ${id}`, dashed(unknown), known.map(dashed));
}

/** A number that is left out is none, though it could be read as 1 or 0. */
function requireValues(kind: string, id: string, schema: z.ZodObject, given: Readonly<Record<string, unknown>>): void {
  const defaults = schema.parse({});
  const bare = Object.keys(given).find((name) => (given[name] === true && typeof defaults[name] !== 'boolean') || given[name] === '');
  if (bare !== undefined) throw new UsageError(`${kind} ${id}: option ${dashed(bare)} needs a value: ${dashed(bare)}=...`);
}

function wrongValue(kind: string, id: string, given: Readonly<Record<string, unknown>>, { issues }: z.ZodError): UsageError {
  const name = String(issues[0]?.path[0]);
  return new UsageError(`${kind} ${id}: option ${dashed(name)}=${String(given[name])}: ${issues[0]?.message ?? 'wrong value'}`);
}

/** A name in camel case as it is written in options. */
export const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camelCase = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
