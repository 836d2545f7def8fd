import { unknownName } from '../engine/index.js';
import { describeOptions, parseName, type OptionDescription } from '../options/index.js';
import type { SchemeDefinition } from './define.js';
import { full } from './full.js';
import { head } from './head.js';
import { lora } from './lora.js';
import { prefix } from './prefix.js';
import { prompt } from './prompt.js';
import type { Scheme } from './scheme.js';

export type { Scheme } from './scheme.js';

/** In the order of ZO-Bench's tables. */
const definitions: readonly SchemeDefinition[] = [full, lora, prefix, prompt, head];

export const schemeIds: readonly string[] = definitions.map(({ id }) => id);

/**
 * The scheme of that name, an id with options ("lora", "lora:rank=4").
 * @throws UsageError where there is none, or none with such options.
 */
export function schemeNamed(name: string): Scheme {
  const { id, options } = parseName('scheme', name);
  return definitionOf(id).create(options);
}

/** What the options of a scheme are called on the command line, and what they say. Throws UsageError where there is no such scheme. */
export const schemeOptions = (id: string): readonly OptionDescription[] => describeOptions(definitionOf(id));

function definitionOf(id: string): SchemeDefinition {
  const known = definitions.find((definition) => definition.id === id);
  if (!known) throw unknownName('scheme', id, schemeIds);
  return known;
}
