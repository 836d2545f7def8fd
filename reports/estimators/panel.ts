import { grouped } from '../../engine/quantities.js';
import { shortName } from '../panels.js';
import type { EstimatorStudy } from './rows.js';

/** What a study's plots are of, for their titles. */
export const titleEnd = ({ subject }: EstimatorStudy): string => `${shortName(subject.model)}, ${subject.scheme}`;

/** The same at length, for their subtitles. */
export function subjectLine({ subject }: EstimatorStudy): string {
  const { task, batchSize, dimensions, generatedData, bundledModel, data, model } = subject;
  return [
    `one batch of ${batchSize} from ${task}`,
    `${grouped(dimensions)} dimensions`,
    generatedData ? 'generated data' : `data: ${shortName(data)}`,
    bundledModel ? 'bundled mini model' : `checkpoint: ${shortName(model)}`,
  ].join('  ·  ');
}
