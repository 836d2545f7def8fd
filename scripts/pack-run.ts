/** Packs a run to be committed: `npx tsx scripts/pack-run.ts <run folder> <folder>`. */
import { join } from 'node:path';
import { makeFolder } from '../engine/make-folder.js';
import { orComplain } from '../command-line/index.js';
import { copyWhole, UsageError } from '../engine/index.js';
import { packRecords } from '../records/index.js';

/** What is kept as it is. */
const KEPT = ['results.csv', 'environment.json', 'run.json'];

process.exitCode = await orComplain(process.stderr, () => {
  const [from, to] = process.argv.slice(2);
  if (from === undefined || to === undefined) throw new UsageError('give the run folder and the folder to pack it in');
  makeFolder(to);
  packRecords(from, to);
  for (const name of KEPT) copyWhole(join(from, name), join(to, name));
  return 0;
});
