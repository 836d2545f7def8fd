import type { ChartConfiguration } from 'chart.js';
import { MIB } from '../engine/quantities.js';
import { axisTitle, chartOptions, schemeItem, unique, type Appearance } from './chart-style.js';
import { pointWhiskers } from './error-bars.js';
import type { Group } from './groups.js';
import { metricText, scoreSpread, spreadText, subtitleOf, type Panel } from './panels.js';
import { pointLabels } from './point-labels.js';

/** Percentage points left free above and below. */
const MARGIN = 4;
/** CSS pixels: of a chart with few points, and of more for every point. */
const LEAST_HEIGHT = 460;
const POINT_HEIGHT = 7;

/** Test accuracy in percent against peak memory in MiB, a point with its name per optimizer and scheme (colour and marker). */
export function memoryChart(panel: Panel, look: Appearance): ChartConfiguration {
  const groups = panel.groups.filter(({ completed }) => completed.length > 0);
  const spreads = groups.map((group) => [scoreSpread(group)]);
  const schemes = unique(groups.map(({ scheme }) => scheme));
  // Without an optimizer it is the scheme that tells points apart.
  const labels = groups.map(({ name, scheme, trained }) => ({ text: trained ? name : scheme, ink: look.colour(scheme) }));
  return {
    type: 'scatter',
    data: {
      datasets: groups.map((group, index) => ({
        label: `${group.name}, ${group.scheme}`,
        data: [{ x: peakMib(group), y: spreads[index]?.[0]?.mean ?? NaN }],
        pointStyle: look.marker(group.scheme),
        backgroundColor: look.colour(group.scheme),
        borderColor: look.colour(group.scheme),
        radius: 5,
        // A marker at 100 % is drawn whole.
        clip: 10,
        borderWidth: 1,
      })),
    },
    options: chartOptions({
      title: `Test ${metricText(groups)} against peak memory: ${panel.label}`,
      subtitle: subtitleOf(panel, `${spreadText(groups)}; memory: largest peak over the seeds`),
      legend: schemes.map((scheme) => schemeItem(look, scheme, look.marker(scheme))),
      legendAt: 'top',
      height: LEAST_HEIGHT + POINT_HEIGHT * groups.length,
      swatchWidth: 13,
      scales: {
        x: { title: axisTitle('peak memory of the process (MiB)'), grace: '15%' },
        y: { title: axisTitle(`test ${metricText(groups)} (%)`), ...accuracyRange(spreads.flatMap(([spread]) => spread?.seeds ?? [])) },
      },
    }),
    plugins: [pointWhiskers(spreads, look.theme), pointLabels(labels, look.theme.ground)],
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
