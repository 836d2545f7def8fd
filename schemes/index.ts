import { unknownName } from '../engine/index.js';
import { full } from './full.js';
import { lora } from './lora.js';
import type { Scheme } from './scheme.js';

export type { Scheme } from './scheme.js';

const registry: ReadonlyMap<string, Scheme> = new Map([full, lora].map((scheme) => [scheme.id, scheme]));

export const schemeIds: readonly string[] = [...registry.keys()];

/** @throws UsageError where there is none of that name. */
export function schemeNamed(name: string): Scheme {
  const scheme = registry.get(name);
  if (!scheme) throw unknownName('scheme', name, schemeIds);
  return scheme;
}
