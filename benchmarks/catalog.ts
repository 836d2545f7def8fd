import { embeddedModelIds, fetchModel } from '../models/index.js';
import { isOptimizerPath, optimizerIds, resolveOptimizer } from '../optimizers/index.js';
import { schemeIds, schemeNamed } from '../schemes/index.js';
import { isTaskPath, taskIds } from '../tasks/index.js';
import { checkScheme } from './scheme-check.js';
import { cellSizes } from './split-sizes.js';
import type { Catalog } from './cells.js';
import { modelSize } from './estimate.js';
import { peakPredictor } from './memory/cell.js';
import { plannedData } from './task-data.js';
import { defaultHyperparameters } from './hyperparameters.js';

/** What zobench has. */
export const catalog: Catalog = {
  ...{ optimizers: optimizerIds, schemes: schemeIds, tasks: taskIds, models: embeddedModelIds },
  ...{ isTaskPath, isOptimizerPath, resolveOptimizer, modelSize, defaultHyperparameters, checkScheme, splitSizes: cellSizes, plannedData },
  predictPeak: peakPredictor(),
  fetchModel: (name, report, schemes) =>
    fetchModel(
      name,
      report,
      schemes.map((scheme) => schemeNamed(scheme).adaptation(0)),
    ),
  canonicalScheme: (name) => schemeNamed(name).id,
  isTrainingFree: (scheme) => schemeNamed(scheme).trainingFree !== undefined,
};
