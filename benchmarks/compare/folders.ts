import { basename, join, resolve } from 'node:path';
import { UsageError } from '../../engine/errors.js';
import { makeFolder } from '../../engine/make-folder.js';
import { visible } from '../../engine/visible.js';
import { dashed } from '../../options/index.js';
import { readRecords } from '../../records/index.js';
import { asRun, writeComparison } from '../../reports/index.js';
import { folderHash } from '../plan/index.js';
import type { RunParts } from '../run/index.js';
import type { CompareOptions } from './arguments.js';

/** Compares what has been run in run folders, and runs nothing; returns the process's exit code. */
export async function compareFolders(
  folders: readonly string[],
  { candidate, baseline, out, ...others }: CompareOptions,
  command: string,
  { stderr, reply }: Pick<RunParts, 'stderr' | 'reply'>,
): Promise<number> {
  const [needless] = Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (needless !== undefined) throw new UsageError(`--${dashed(needless)}: of run folders nothing is run; leave it out`);
  const read = folders.map((folder) => ({ folder, ...readRecords(folder) }));
  const labels = labelsOf(folders);
  const sides = read.map(({ records }, index) => ({ label: labels[index] ?? '', records }));
  const { problems, records, contest, ...conditions } = asRun(sides, { candidates: candidate, baselines: baseline });
  for (const problem of [...read.flatMap((one) => one.problems.map((problem) => join(one.folder, problem))), ...problems])
    stderr.write(`${visible(problem)}\n`);
  const to = out ?? join('results', `compare-${folderHash(JSON.stringify([contest, records.map(({ cell }) => cell)]))}`);
  if (reply.dryRun) {
    reply.result(`${contest.candidates.join(', ')} against ${contest.baselines.join(', ')}, to be written to ${visible(to)}`, {
      contest,
      out: to,
    });
    return 0;
  }
  makeFolder(to);
  const { summary, comparisons } = await writeComparison(to, records, contest, { command, trials: null, ...conditions });
  reply.result(`${summary}\n\n${join(to, 'compare.md')} has the rest.`, { folder: to, comparisons });
  return 0;
}

/** The folders' own names, or where these are the same all of their paths. */
function labelsOf(folders: readonly string[]): string[] {
  const names = folders.map((folder) => basename(resolve(folder)));
  return new Set(names).size === names.length ? names : [...folders];
}
