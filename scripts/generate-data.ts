/** Writes the embedded data files under tasks/embedded: `npx tsx scripts/generate-data.ts` from the project's root. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateSst2, toTsv } from './corpus/sst2.js';

/** The seed of the committed files. */
const DATA_SEED = 1;

/** The embedded data files: content by path, relative to the project's root. */
export function embeddedFiles(): ReadonlyMap<string, string> {
  const { train, test } = generateSst2(DATA_SEED);
  return new Map([
    ['tasks/embedded/SST-2/train.tsv', toTsv(train)],
    ['tasks/embedded/SST-2/dev.tsv', toTsv(test)],
  ]);
}

function writeEmbeddedFiles(): void {
  for (const [path, content] of embeddedFiles()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    console.log(`${path}: ${content.split('\n').length - 2} examples`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeEmbeddedFiles();
