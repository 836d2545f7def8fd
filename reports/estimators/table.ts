import { grouped, significant } from '../../engine/quantities.js';
import { markdownCell } from '../format.js';
import type { EstimatorRow, EstimatorStudy } from './rows.js';

const HEADER = [
  ...['Optimizer', 'Forward passes', 'Cosine', 'Length', 'Projection', 'Squared bias', 'Variance', 'Gaussian variance'],
] as const;
const ABSENT = '–';
/** From here on a step does not scale with the learning rate. */
const RATE_DEPENDENT = 1e-3;

const DIRECTION_MARK = '†';
const RATE_MARK = '‡';

/** A GitHub Markdown table of the estimators, and what its columns mean. */
export function estimatorTable({ subject, estimators }: EstimatorStudy): string {
  const rule = HEADER.map((_, column) => (column === 0 ? '---' : '---:'));
  const table = [HEADER, rule, ...estimators.map(tableRow)].map((cells) => `| ${cells.join(' | ')} |`);
  const where = `${subject.model}, ${subject.task} (${subject.data} data), ${subject.scheme}: one batch of ${subject.batchSize}`;
  const what = `d = ${grouped(subject.dimensions)} dimensions, |g| = ${short(subject.gradientNorm)}, ${estimators[0]?.samples ?? 0} samples`;
  return [`${where}; ${what}.`, '', ...table, '', ...notes(estimators)].join('\n') + '\n';
}

function tableRow(row: EstimatorRow): string[] {
  const marks = (row.estimates === 'direction' ? ` ${DIRECTION_MARK}` : '') + (isRateDependent(row) ? ` ${RATE_MARK}` : '');
  return [
    markdownCell(row.optimizer) + marks,
    short(row.forwards) + (row.backwards > 0 ? ` + ${short(row.backwards)} backward` : ''),
    plusMinus(row.cosineMean, row.cosineStd),
    plusMinus(row.normRatioMean, row.normRatioStd),
    plusMinus(row.projection, row.projectionError),
    plusMinus(row.squaredBias, row.squaredBiasError),
    plusMinus(row.variance, row.varianceError),
    row.gaussianVariance === null ? ABSENT : short(row.gaussianVariance),
  ];
}

function notes(rows: readonly EstimatorRow[]): string[] {
  const some = (is: (row: EstimatorRow) => boolean, note: string): string[] => (rows.some(is) ? [note] : []);
  return [
    'Cosine with the exact gradient g and length |g_hat| / |g|: mean ± standard deviation. Projection g_hat . g / |g|^2, squared bias',
    '|E g_hat - g|^2 / |g|^2 and variance E|g_hat - E g_hat|^2 / |g|^2: estimate ± standard error; the squared bias is corrected for the',
    'variance and may be negative. Gaussian variance: (d + 1) / q, of q independent Gaussian directions.',
    ...some(
      ({ estimates }) => estimates === 'direction',
      `${DIRECTION_MARK} does not scale with the loss: bias and variance are those of the multiple that has projection 1.`,
    ),
    ...some(
      isRateDependent,
      `${RATE_MARK} does not scale with the learning rate: measured with a step of about a thousandth of theta's length.`,
    ),
  ];
}

const isRateDependent = ({ rateDependence }: EstimatorRow): boolean => rateDependence >= RATE_DEPENDENT;

const plusMinus = (value: number | null, spread: number | null): string =>
  value === null || spread === null ? ABSENT : `${short(value)} ± ${short(spread, 2)}`;

/** Three significant digits, as a power of ten where it is very large or small. */
function short(value: number, digits: 2 | 3 = 3): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(digits - 1);
  return size >= 1000 ? grouped(value) : String(Number(significant(value, digits)));
}
