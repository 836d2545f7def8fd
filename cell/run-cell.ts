import { openBackend } from '../engine/index.js';
import { isBundledModel, requireSavable } from '../models/index.js';
import { CellCheckpoints } from './checkpoint.js';
import { fineTune, type Report, type ReportEvaluation } from './fine-tune.js';
import { peakBytes } from '../processes/index.js';
import { keepWeights } from './kept-weights.js';
import { usedInputs } from './inputs.js';
import { openCell, type CellResult } from './open-cell.js';
import type { CellSettings } from '../records/index.js';
import type { LoggedSteps } from '../training/index.js';
import { judgeUntrained } from './untrained.js';

export type { CellResult } from './open-cell.js';

export interface CellOutcome {
  readonly result: CellResult;
  /** null where the optimizer was told more than a log can hold, or there was none. */
  readonly loggedSteps: LoggedSteps | null;
}

/**
 * Runs one cell of the matrix: fine-tunes and judges it, or judges it by what its scheme does instead. The test set decides nothing.
 * @param saveTo a folder for what it trained
 * @throws DivergedError, InputError, UsageError
 */
export async function runCell(
  settings: CellSettings,
  report: Report,
  evaluated: ReportEvaluation = () => undefined,
  checkpoints = new CellCheckpoints(),
  saveTo: string | null = null,
): Promise<CellOutcome> {
  const backend = await openBackend(settings.backend ?? 'cpu', settings.threads);
  const runtimeBytes = peakBytes();
  const cell = await openCell(settings, backend);
  const keepsIn = cell.trainingFree ? null : saveTo;
  if (keepsIn !== null) requireSavable(cell.model, cell.adaptation);
  const { log, ...judged } = cell.trainingFree
    ? await judgeUntrained(cell, cell.trainingFree)
    : await fineTune(cell, report, evaluated, checkpoints);
  const { checkpoint, model, items } = cell;
  const sha256 = checkpoint.sha256();
  // The kernel counts resident pages in batches per thread: without steps to take, its peak may come out some pages below the start.
  const peak = Math.max(runtimeBytes, peakBytes(), checkpoints.earlier?.peakBytes ?? 0);
  const warnings = [...model.architecture.warnings, ...(keepsIn === null ? [] : keepWeights(keepsIn, cell))];
  const result: CellResult = {
    ...judged,
    totalParameters: model.parameters.all.reduce((sum, { count }) => sum + count, 0),
    memory: { peakBytes: peak, runtimeBytes, aboveRuntimeBytes: peak - runtimeBytes },
    dataSource: settings.data === 'bundled' ? 'bundled (generated)' : items.files.join(', '),
    generatedData: settings.data === 'bundled',
    taskVersion: items.task.version,
    metric: items.task.metric,
    splits: { train: items.train.length, dev: items.dev.length, test: items.test.length },
    ...(items.overlap > 0 && { overlap: items.overlap }),
    ...(settings.backend && { backend: `${backend.name} ${backend.version}` }),
    ...(warnings.length > 0 && { warnings }),
    checkpoint: { source: settings.model, sha256, bundled: isBundledModel(settings.model) },
    inputs: await usedInputs(settings, checkpoint.folder, items.files, items.task),
  };
  return { result, loggedSteps: log && { checkpoint: { source: settings.model, sha256 }, ...log } };
}
