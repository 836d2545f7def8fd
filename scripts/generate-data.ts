/** Writes the bundled data files under tasks/bundled: `npx tsx scripts/generate-data.ts` from the project's root. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../engine/make-folder.js';
import { writeFileWhole } from '../engine/index.js';
import { generateCopa } from './corpus/copa.js';
import { toJsonLines } from './corpus/items.js';
import { generateSquad } from './corpus/squad.js';
import { generateSst2, toTsv } from './corpus/sst2.js';
import { generateWinoGrande } from './corpus/winogrande.js';

/** The seed of the committed files. */
const DATA_SEED = 1;

/** The bundled data files: content by path, relative to the project's root. */
export function bundledFiles(): ReadonlyMap<string, string> {
  const [sst2, copa] = [generateSst2(DATA_SEED), generateCopa(DATA_SEED)];
  const [winogrande, squad] = [generateWinoGrande(DATA_SEED), generateSquad(DATA_SEED)];
  return new Map([
    ['tasks/bundled/SST-2/train.tsv', toTsv(sst2.train)],
    ['tasks/bundled/SST-2/dev.tsv', toTsv(sst2.test)],
    ['tasks/bundled/COPA/train.jsonl', toJsonLines(copa.train)],
    ['tasks/bundled/COPA/val.jsonl', toJsonLines(copa.test)],
    ['tasks/bundled/WinoGrande/train_m.jsonl', toJsonLines(winogrande.train)],
    ['tasks/bundled/WinoGrande/dev.jsonl', toJsonLines(winogrande.test)],
    ['tasks/bundled/SQuAD/train-v1.1.json', `${JSON.stringify(squad.train)}\n`],
    ['tasks/bundled/SQuAD/dev-v1.1.json', `${JSON.stringify(squad.test)}\n`],
  ]);
}

function writeBundledFiles(): void {
  for (const [path, content] of bundledFiles()) {
    makeFolder(dirname(path));
    writeFileWhole(path, content);
    console.log(`${path}: ${content.length} characters`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeBundledFiles();
