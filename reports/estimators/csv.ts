import { join } from 'node:path';
import { writeFileWhole } from '../../engine/index.js';
import { csvText } from '../csv-text.js';
import type { EpsilonRow, EstimatorRow, EstimatorStudy, StudySubject } from './rows.js';

const SUBJECT_COLUMNS = ['model', 'task', 'scheme', 'data', 'batchSize', 'seed', 'dimensions', 'loss', 'gradientNorm'] as const;

const ESTIMATOR_COLUMNS: readonly (keyof EstimatorRow)[] = [
  ...(['optimizer', 'family', 'queries', 'epsilon', 'samples', 'forwards', 'backwards', 'estimates'] as const),
  ...(['cosineMean', 'cosineStd', 'normRatioMean', 'normRatioStd', 'projection', 'projectionError'] as const),
  ...(['squaredBias', 'squaredBiasError', 'variance', 'varianceError'] as const),
  ...(['gaussianVariance', 'gaussianCosine', 'learningRate', 'rateDependence'] as const),
];

const EPSILON_COLUMNS: readonly (keyof EpsilonRow)[] = [
  ...(['optimizer', 'epsilon', 'samples', 'relativeError', 'cosineMean', 'cosineStd', 'projection', 'projectionError'] as const),
];

/** Writes `estimators.csv` and `epsilon.csv`, each in one move. What does not apply is left empty. */
export function writeEstimatorCsv(folder: string, { subject, estimators, epsilons }: EstimatorStudy): void {
  writeTable(join(folder, 'estimators.csv'), subject, ESTIMATOR_COLUMNS, estimators);
  writeTable(join(folder, 'epsilon.csv'), subject, EPSILON_COLUMNS, epsilons);
}

function writeTable<Row extends object>(
  path: string,
  subject: StudySubject,
  own: readonly (keyof Row & string)[],
  rows: readonly Row[],
): void {
  const columns = [...SUBJECT_COLUMNS, ...own];
  writeFileWhole(
    path,
    csvText(
      rows.map((row) => ({ ...subject, ...row })),
      { header: true, columns },
    ),
  );
}
