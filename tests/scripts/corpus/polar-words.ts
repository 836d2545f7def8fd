import { DOMAINS } from '../../../scripts/corpus/domains.js';
import { type Graded, POLAR_WORDS, type Polarity } from '../../../scripts/corpus/lexicon.js';

const TABLES: readonly Graded[] = [...Object.values(POLAR_WORDS), ...DOMAINS.map(({ adj }) => adj)];

/** Every polar word and phrase of one polarity. */
export function polarWords(polarity: Polarity): Set<string> {
  return new Set(TABLES.flatMap((table) => [...table[polarity].strong, ...table[polarity].mild]));
}
