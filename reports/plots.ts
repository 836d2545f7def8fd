import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../engine/make-folder.js';
import type { ChartConfiguration } from 'chart.js';
import type { CellRecord } from '../records/record.js';
import { writeChart } from './chart-render.js';
import { appearanceOf, type Appearance } from './chart-style.js';
import { groupRecords } from './groups.js';
import { byObjective, bySchemeIfMany, panelsOf, type Panel } from './panels.js';
import { accuracyChart } from './plot-accuracy.js';
import { lossChart } from './plot-loss.js';
import { memoryChart } from './plot-memory.js';

type Draw = (panel: Panel, look: Appearance) => ChartConfiguration;

/** By file name: what draws, and the parts of a panel that get a plot each. */
const CHARTS: Readonly<Record<string, { draw: Draw; parts: (panel: Panel) => Panel[] }>> = {
  'accuracy-by-optimizer': { draw: accuracyChart, parts: (panel) => [panel] },
  'accuracy-against-memory': { draw: memoryChart, parts: bySchemeIfMany },
  'loss-against-forwards': { draw: lossChart, parts: byObjective },
};

/**
 * Draws the plots of a run into its folder `plots`, three per model and task of which a cell completed, and more
 * where there are several objectives, or many schemes and optimizers.
 * Plots of an earlier report that have no place in this one are removed then: they may show cells that are no longer there.
 * Each is written twice: as PNG, and as SVG for print.
 * @param kinds - those of them that are wanted
 * @returns The names of the files, such as `accuracy-by-optimizer.png`, with model and task in them where there are several.
 */
export function writePlots(folder: string, records: readonly CellRecord[], kinds: readonly string[] = Object.keys(CHARTS)): string[] {
  const groups = groupRecords(records);
  const hasCompleted = (panel: Panel): boolean => panel.groups.some(({ completed }) => completed.length > 0);
  const panels = panelsOf(groups).filter(hasCompleted);
  const plots = join(folder, 'plots');
  makeFolder(plots);
  const look = appearanceOf(groups);
  const written = panels.flatMap((panel) =>
    kinds.flatMap((name) => {
      const { draw, parts } = CHARTS[name] ?? unknownKind(name);
      const drawn = parts(panel).filter(hasCompleted);
      return drawn.flatMap((part) => {
        const file = `${name}${panels.length * drawn.length > 1 ? `-${part.slug}` : ''}`;
        return writeChart(plots, file, draw(part, look));
      });
    }),
  );
  removeOldPlots(plots, written, kinds);
  return written;
}

function unknownKind(name: string): never {
  throw new Error(`no plot is called ${name}`);
}

function removeOldPlots(plots: string, written: readonly string[], kinds: readonly string[]): void {
  const isPlot = (file: string): boolean => /\.(png|svg)$/.test(file) && kinds.some((name) => file.startsWith(name));
  for (const file of readdirSync(plots).filter((name) => isPlot(name) && !written.includes(name))) rmSync(join(plots, file));
}
