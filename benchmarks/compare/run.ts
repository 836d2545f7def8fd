import { join } from 'node:path';
import { UsageError } from '../../engine/errors.js';
import { isTrained } from '../../records/trained.js';
import { writeComparison, type Contest } from '../../reports/index.js';
import { type CellRecord, machineInfo, versionInfo } from '../../records/index.js';
import { type Options, folderHash, type Cell, planCells, uniqueCells, type Catalog, sayOverlaps, planOf, planText } from '../plan/index.js';
import { commandAgain, runProgram } from '../../command-line/index.js';
import {
  runAndReport,
  budgetNoteOf,
  standingIn,
  type Again,
  type Parts,
  type Reported,
  type RunParts,
  openRunFolder,
  recordsIn,
  writeJson,
} from '../run/index.js';
import { commandLine, type CompareOptions } from './arguments.js';
import { compareFolders } from './folders.js';
import { knownRates, tunedRates, type PlannedRate } from './rates.js';

/** Does what the command line asks; returns the process's exit code. */
export function runCompare(argv: readonly string[], parts: Parts): Promise<number> {
  return runProgram(commandLine, argv, parts, (options, folders, reply) => {
    const command = commandAgain(parts.calledAs ?? commandLine.scriptName, argv);
    if (folders.length > 0) return compareFolders(folders, options, command, { ...parts, reply });
    return compareWith({ ...options, plan: options.plan === true || reply.dryRun }, command, { ...parts, reply });
  });
}

async function compareWith(asked: CompareOptions, command: string, parts: RunParts): Promise<number> {
  const { candidate, baseline, tune, out, plan, retry, ...given } = asked;
  const contest = await contestOf(candidate, baseline, parts.catalog);
  const options: Options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const planned = await planCells({ ...options, optimizer: [...(candidate ?? []), ...(baseline ?? [])] }, parts.catalog);
  const note = await budgetNoteOf(options, planned, parts.catalog);
  if (note !== undefined) parts.stderr.write(`${note}\n`);
  await sayOverlaps(planned, parts.catalog, parts.stderr);
  const untrained = planned.find(({ settings }) => !isTrained(settings));
  if (untrained) throw new UsageError(`scheme ${untrained.settings.scheme} has no optimizer: there is nothing to compare`);
  const folder = out ?? join('results', `compare-${hashOf(contest, planned, tune)}`);
  const standing = (cells: readonly Cell[]) => standingIn(folder, cells, retry === true, parts);
  if (plan) {
    const its = await planOf(planned, standing(planned).isDone, options.jobs ?? 1, parts.catalog);
    parts.reply.result(planText(its), its);
    return 0;
  }
  const release = openRunFolder(folder);
  try {
    writeJson(join(folder, 'environment.json'), { machine: machineInfo(), versions: versionInfo(parts.backend) });
    const rates = tune === undefined ? await knownRates(planned, parts.catalog) : await tunedRates(planned, folder, tune, options, parts);
    if (typeof rates === 'number') {
      parts.stderr.write(`stopped in the search for learning rates; to go on: ${command}\n`);
      return rates;
    }
    const cells = await cellsAt(rates, options, parts.catalog);
    const report = async (): Promise<Reported> => {
      const { text: others } = await parts.report(folder);
      const { records: written } = recordsIn(folder);
      const records = cells.flatMap(({ id }): CellRecord[] => [written.get(id)].filter((record) => record !== undefined));
      if (records.length < cells.length)
        return { text: 'No comparison before all of its runs are there.', data: { folder, comparisons: null } };
      const { summary, comparisons } = await writeComparison(folder, records, contest, {
        command,
        trials: tune ?? null,
        rates: rates.map(({ rate }) => rate),
      });
      const text = [summary, '', `${join(folder, 'compare.md')} has the rest.`, others].join('\n').trimEnd();
      return { text, data: { folder, comparisons } };
    };
    return await runAndReport(folder, cells, standing(cells), options.jobs ?? 1, { ...parts, report }, again(command));
  } finally {
    release();
  }
}

const again = (command: string): Again => ({ goOn: command, retry: `${command} --retry` });

/** The optimizers under the names that their records will have. */
async function contestOf(
  candidates: CompareOptions['candidate'],
  baselines: CompareOptions['baseline'],
  catalog: Catalog,
): Promise<Contest> {
  if (!candidates) throw new UsageError('--candidate: which optimizer is in question? Give a file of your own (./mine.ts) or a name');
  if (!baselines) throw new UsageError('--baseline: which optimizers is it compared with? Give names, such as zo-sgd,zo-adam');
  const canonical = async (name: string) => (await catalog.resolveOptimizer(name)).id;
  const contest = { candidates: await Promise.all(candidates.map(canonical)), baselines: await Promise.all(baselines.map(canonical)) };
  const all = [...contest.candidates, ...contest.baselines];
  const twice = all.find((name, index) => all.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`${twice} is given twice: an optimizer is a candidate or a baseline, once`);
  return contest;
}

/** The cells of the comparison, each at its rate. */
async function cellsAt(rates: readonly PlannedRate[], options: Options, catalog: Catalog): Promise<Cell[]> {
  const planned = rates.map(({ given: { model, task, scheme, optimizer }, rate: { learningRate } }) =>
    planCells({ ...options, model: [model], task: [task], scheme: [scheme], optimizer: [optimizer], learningRate }, catalog),
  );
  return uniqueCells((await Promise.all(planned)).flat());
}

function hashOf(contest: Contest, cells: readonly Cell[], tune: number | undefined): string {
  const text = JSON.stringify([contest, tune, cells.map(({ id }) => id)]);
  return folderHash(text);
}
