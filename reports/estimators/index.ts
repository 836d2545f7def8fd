import { writeEstimatorCsv } from './csv.js';
import type { EstimatorStudy } from './rows.js';

export { writeEstimatorCsv } from './csv.js';
export { gaussianCosine, gaussianVariance } from './gaussian.js';
export { estimatorTable } from './table.js';
export type { EpsilonRow, EstimatorRow, EstimatorStatistics, EstimatorStudy, StudySubject } from './rows.js';

/** Writes `estimators.csv`, `epsilon.csv` and `plots/*.png` into a folder. */
export async function writeEstimatorReport(folder: string, study: EstimatorStudy): Promise<void> {
  writeEstimatorCsv(folder, study);
  // Loaded late: importing this module must not load the drawing libraries.
  const { writeEstimatorPlots } = await import('./plots.js');
  writeEstimatorPlots(folder, study);
}
