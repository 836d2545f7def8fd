import { UsageError, unknownName } from '../engine/index.js';
import { describeOptions, parseName, type OptionDescription } from '../options/index.js';
import type { SchemeDefinition } from './define.js';
import { full } from './full.js';
import { head } from './head.js';
import { icl } from './icl.js';
import { linearProbing } from './linear-probing.js';
import { lora } from './lora.js';
import { prefix } from './prefix.js';
import { prompt } from './prompt.js';
import { isOwnCode } from '../own-code/index.js';
import { loadOwnScheme, ownSchemeDefinition, ownSchemeNamed } from './own.js';
import type { Scheme } from './scheme.js';
import { zeroShot } from './zero-shot.js';

export { fitLogisticRegression, type LabelledFeatures, type LinearClassifier } from './logistic-regression.js';
export { defineScheme, defineTrainingFree, type SchemeDefinition } from './define.js';
export { saveAdapter, type Adapter } from './peft.js';
export { fillNormal, randomTokens } from './random.js';
export { readThrough } from './read-through.js';
export type { Scheme, TrainingFree } from './scheme.js';

/** Those that an optimizer trains, in the order of ZO-Bench's tables, then those that train nothing. */
const trained: readonly SchemeDefinition[] = [full, lora, prefix, prompt, head];
const definitions: readonly SchemeDefinition[] = [...trained, zeroShot, icl, linearProbing];

const idsOf = (some: readonly SchemeDefinition[]): readonly string[] => some.map(({ id }) => id);

export const schemeIds = idsOf(definitions);
export const trainedSchemeIds = idsOf(trained);

/** Loads those of the names that are files of the user's own, to be had by `schemeNamed`. @throws UsageError */
export async function loadOwnSchemes(names: readonly string[]): Promise<void> {
  for (const name of names) if (isOwnCode(name)) await loadOwnScheme(name, schemeIds);
}

/**
 * The scheme of that name, an id with options ("lora", "lora:rank=4"), or of a file of the user's own that was loaded.
 * @throws UsageError where there is none, or none with such options.
 */
export function schemeNamed(name: string): Scheme {
  if (isOwnCode(name)) return ownSchemeNamed(name);
  const { id, options } = parseName('scheme', name);
  return definitionOf(id).create(options);
}

/** The same where an optimizer is needed. @throws UsageError also where the scheme trains nothing. */
export function trainedSchemeNamed(name: string): Scheme {
  const scheme = schemeNamed(name);
  if (!scheme.trainingFree) return scheme;
  throw new UsageError(`scheme ${scheme.id} trains nothing: give one that an optimizer trains (${trainedSchemeIds.join(', ')})`);
}

/** What the options of a scheme are called on the command line, and what they say. Throws UsageError where there is no such scheme. */
export const schemeOptions = (id: string): readonly OptionDescription[] =>
  describeOptions(isOwnCode(id) ? ownSchemeDefinition(id) : definitionOf(id));

function definitionOf(id: string): SchemeDefinition {
  const known = definitions.find((definition) => definition.id === id);
  if (!known) throw unknownName('scheme', id, schemeIds);
  return known;
}
