import { join } from 'node:path';
import { makeFolder } from '../../engine/make-folder.js';
import type { ChartConfiguration } from 'chart.js';
import { removeChart, writeChart } from '../chart-render.js';
import { epsilonChart } from './plot-epsilon.js';
import { cosineChart, varianceChart } from './plot-forwards.js';
import type { EstimatorStudy } from './rows.js';

const CHARTS: Readonly<Record<string, (study: EstimatorStudy) => ChartConfiguration | null>> = {
  'cosine-against-forwards': cosineChart,
  'variance-against-forwards': varianceChart,
  'error-against-epsilon': epsilonChart,
};

/** Draws a study's plots into the folder `plots`, in place of those of an earlier one. */
export function writeEstimatorPlots(folder: string, study: EstimatorStudy): void {
  const plots = join(folder, 'plots');
  makeFolder(plots);
  for (const [name, chart] of Object.entries(CHARTS)) {
    const configuration = chart(study);
    if (configuration) writeChart(plots, name, configuration);
    else removeChart(plots, name);
  }
}
