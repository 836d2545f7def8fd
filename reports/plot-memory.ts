import type { ChartConfiguration } from 'chart.js';
import { axisTitle, chartOptions, GAP_ITEM, markerItem, optimizerItem, unique, type Appearance } from './chart-style.js';
import { pointWhiskers } from './error-bars.js';
import type { Group } from './groups.js';
import { accuracySpread, spreadText, subtitleOf, type Panel } from './panels.js';

const MIB = 2 ** 20;
/** Percentage points left free above and below. */
const MARGIN = 4;

/** Test accuracy in percent against peak memory in MiB, a point per optimizer (colour) and scheme (marker). */
export function memoryChart(panel: Panel, look: Appearance): ChartConfiguration {
  const groups = panel.groups.filter(({ completed }) => completed.length > 0);
  const spreads = groups.map((group) => [accuracySpread(group)]);
  const optimizers = unique(groups.map(({ optimizer }) => optimizer));
  const schemes = unique(groups.map(({ scheme }) => scheme));
  return {
    type: 'scatter',
    data: {
      datasets: groups.map((group, index) => ({
        label: `${group.optimizer}, ${group.scheme}`,
        data: [{ x: peakMib(group), y: spreads[index]?.[0]?.mean ?? NaN }],
        pointStyle: look.marker(group.scheme),
        backgroundColor: look.colour(group.optimizer),
        borderColor: look.colour(group.optimizer),
        radius: 6,
        // A marker at 100 % is drawn whole.
        clip: 10,
        borderWidth: 2,
      })),
    },
    options: chartOptions({
      title: `Test accuracy against peak memory: ${panel.label}`,
      subtitle: subtitleOf(panel, `${spreadText(groups)}; memory: largest peak over the seeds`),
      legend: [...optimizers.map((name) => optimizerItem(look, name)), GAP_ITEM, ...schemes.map((name) => markerItem(look, name))],
      swatchWidth: 13,
      scales: {
        x: { title: axisTitle('peak memory of the process (MiB)'), grace: '8%' },
        y: { title: axisTitle('test accuracy (%)'), ...accuracyRange(spreads.flatMap(([spread]) => spread?.seeds ?? [])) },
      },
    }),
    plugins: [pointWhiskers(spreads)],
  };
}

function peakMib({ completed }: Group): number {
  return Math.max(...completed.map(({ memory }) => memory.peakBytes)) / MIB;
}

function accuracyRange(percentages: number[]): { min: number; max: number } {
  const outwards = (value: number, round: (value: number) => number): number => 10 * round(value / 10);
  return {
    min: Math.max(0, outwards(Math.min(...percentages) - MARGIN, Math.floor)),
    max: Math.min(100, outwards(Math.max(...percentages) + MARGIN, Math.ceil)),
  };
}
