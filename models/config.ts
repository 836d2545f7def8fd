import { z } from 'zod';
import { firstIssue, InputError } from '../engine/index.js';
import { changesTheModel, isWithoutEffect } from './config-fields.js';

export type Json = Readonly<Record<string, unknown>>;

/** What a family reads of a config.json, each field with the default of transformers. */
export interface ConfigSchema<T extends z.ZodType> {
  readonly schema: T;
  readonly reads: readonly string[];
  /** Fields that change nothing of what the family computes, beside those of every family. */
  readonly ignores: readonly string[];
}

export interface ParsedConfig<T> {
  readonly config: T;
  /** A line for each field that is set and that nobody here knows. */
  readonly warnings: readonly string[];
}

/**
 * Checks a config.json against what a family needs; null counts as not said.
 * @throws InputError naming the file and the field, also where an unknown field is set that by its name changes the model.
 */
export function parseConfig<T extends z.ZodType>(fields: ConfigSchema<T>, json: Json, file: string): ParsedConfig<z.infer<T>> {
  const config = checkConfig(fields.schema, json, file);
  const known = new Set([...fields.reads, ...fields.ignores]);
  const unknown = Object.entries(json).filter(([name, value]) => isSet(value) && !known.has(name) && !isWithoutEffect(name));
  const [refused] = unknown.filter(([name]) => changesTheModel(name));
  if (refused)
    throw new InputError(
      `${file}: ${shown(refused)} is not supported, and changes the model by its name: where it does not, set it to null`,
    );
  return {
    config,
    warnings: unknown.map((field) => `${file}: ${shown(field)} is not known here and was not regarded`),
  };
}

/** What a schema makes of a config.json; the rest is left alone. Throws InputError naming the file and the field. */
export function checkConfig<T extends z.ZodType>(schema: T, json: Json, file: string): z.infer<T> {
  const result = schema.safeParse(withoutNulls(json));
  if (result.success) return result.data;
  throw new InputError(`${file}: ${firstIssue(result.error)}`);
}

/** An object without its fields that are null: they count as not said. */
export const withoutNulls = (json: Json): Record<string, unknown> =>
  Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));

/** Whether a field says anything: null, false and what is empty do not. */
export function isSet(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== '';
}

const SHOWN_CHARACTERS = 60;

/** `name: value`, a long value cut. */
export function shown([name, value]: readonly [string, unknown]): string {
  const text = JSON.stringify(value);
  return `${name}: ${text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 3)}...`}`;
}

/** Sizes are bounded so that a hostile file cannot ask for absurd amounts of memory. */
export const size = z.int().positive().max(1_000_000);

/** A number of tokens or positions that nothing is allocated for. */
export const length = z.int().positive();
