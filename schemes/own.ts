import { z } from 'zod';
import { UsageError } from '../engine/index.js';
import { parseName } from '../options/index.js';
import { importOwnCode, ownCodeFile } from '../own-code/index.js';
import type { SchemeDefinition } from './define.js';
import type { Scheme } from './scheme.js';

// A scheme is asked for wherever a cell is looked at, but a file is loaded late: whoever is given names loads those that are files first.

/** By file, as it was given. */
const loaded = new Map<string, Promise<SchemeDefinition>>();
const definitions = new Map<string, SchemeDefinition>();

/** @throws UsageError where the file is missing, cannot be loaded, exports no scheme, or one under a name of zobench's. */
export async function loadOwnScheme(name: string, taken: readonly string[]): Promise<void> {
  const file = ownCodeFile(name);
  const definition = loaded.get(file) ?? definitionIn(file, taken);
  loaded.set(file, definition);
  definitions.set(file, await definition);
}

/** A scheme that was loaded. @throws UsageError for options that it has not. */
export function ownSchemeNamed(name: string): Scheme {
  const definition = ownSchemeDefinition(name);
  const options = name.slice(ownCodeFile(name).length);
  return definition.create(parseName('scheme', definition.id + options).options);
}

export function ownSchemeDefinition(name: string): SchemeDefinition {
  const definition = definitions.get(ownCodeFile(name));
  if (!definition) throw new Error(`scheme file ${name} was not loaded`);
  return definition;
}

const method = z.custom<() => unknown>((value) => typeof value === 'function');
const definitionSchema = z.object({ id: z.string().regex(/^[\w-]+$/), schema: z.instanceof(z.ZodObject), create: method });
const isDefinition = (value: unknown): value is SchemeDefinition => definitionSchema.safeParse(value).success;

async function definitionIn(file: string, taken: readonly string[]): Promise<SchemeDefinition> {
  const definition = (await importOwnCode('scheme', file)).find(isDefinition);
  if (!definition) throw new UsageError(`${file} exports no scheme: what defineScheme gives (see docs/extend-schemes.md)`);
  if (!taken.includes(definition.id)) return definition;
  throw new UsageError(`scheme file ${file}: its id ${definition.id} is one of zobench's: give it another`);
}
