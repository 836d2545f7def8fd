/** Packs a run to be committed: `npx tsx scripts/pack-run.ts <run folder> <folder>`. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packRecords } from '../reports/index.js';

/** What is kept as it is. */
const KEPT = ['results.csv', 'environment.json', 'run.json'];

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) throw new Error('give the run folder and the folder to pack it in');
mkdirSync(to, { recursive: true });
packRecords(from, to);
for (const name of KEPT) copyFileSync(join(from, name), join(to, name));
