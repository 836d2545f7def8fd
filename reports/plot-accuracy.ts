import type { ChartConfiguration } from 'chart.js';
import { axisTitle, chartOptions, lineItem, schemeItem, unique, type Appearance } from './chart-style.js';
import { percentRange } from './axes.js';
import { levelLines, rowSpreads, type Spread } from './error-bars.js';
import { partition, type Group } from './groups.js';
import { metricText, scoreSpread, spreadText, subtitleOf, type Panel } from './panels.js';
import { mean } from '../statistics/moments.js';

const ZERO_SHOT_DASH = [6, 4];
/** CSS pixels: of a line, between two optimizers, and of all that is above and below the lines. */
const LINE_HEIGHT = 14;
const ROW_GAP = 6;
const FRAME_HEIGHT = 160;
const LEAST_HEIGHT = 300;
/** Right of the lines, for the figures. */
const FIGURES_WIDTH = 96;

/**
 * Test scores in percent, a row per optimizer, the best one first, a dot with its whisker per scheme (colour); zero-shot as dashed levels.
 * The axis is that of the differences: it does not begin at 0.
 */
export function accuracyChart(panel: Panel, look: Appearance): ChartConfiguration {
  const groups = panel.groups.filter(({ completed }) => completed.length > 0);
  const schemes = unique(groups.map(({ scheme }) => scheme));
  const names = bestFirst(groups);
  const spreads = schemes.map((scheme) =>
    names.map((name) => {
      const group = groups.find((candidate) => candidate.scheme === scheme && candidate.name === name);
      return group ? scoreSpread(group) : null;
    }),
  );
  const levels = [...new Set(schemes.map((scheme) => zeroShotLevel(groups, scheme)))];
  return {
    type: 'bar',
    data: {
      labels: names,
      datasets: schemes.map((scheme, index) => ({
        label: scheme,
        data: (spreads[index] ?? []).map((spread) => spread?.mean ?? null),
        // Only what a pointer rests on: the dots are drawn over it.
        backgroundColor: 'transparent',
        categoryPercentage: 0.82,
        barPercentage: 0.92,
        maxBarThickness: 2 * LINE_HEIGHT,
        // An optimizer that did not run under a scheme leaves no gap.
        skipNull: true,
      })),
    },
    options: {
      ...chartOptions({
        title: `Test ${metricText(groups)} by optimizer: ${panel.label}`,
        subtitle: subtitleOf(panel, `dot: ${spreadText(groups)}, small dot: one seed`),
        legend: [...schemes.map((scheme) => schemeItem(look, scheme, 'circle')), lineItem('zero-shot', ZERO_SHOT_DASH)],
        legendAt: 'top',
        height: Math.max(LEAST_HEIGHT, FRAME_HEIGHT + names.length * (mostLines(groups) * LINE_HEIGHT + ROW_GAP)),
        paddingRight: FIGURES_WIDTH,
        swatchWidth: 13,
        scales: {
          x: { title: axisTitle(`test ${metricText(groups)} (%)`), ...percentRange([...spreads.flat().flatMap(endsOf), ...levels]) },
          y: { grid: { color: `${look.theme.faintInk}30` }, ticks: { autoSkip: false, font: { size: 12 } } },
        },
      }),
      indexAxis: 'y',
    },
    plugins: [
      levelLines(levels, ZERO_SHOT_DASH, look.theme),
      rowSpreads(
        spreads,
        schemes.map((scheme) => look.colour(scheme)),
        look.theme,
      ),
    ],
  };
}

/** Where a line begins and ends. */
const endsOf = (spread: Spread | null): number[] =>
  spread ? [...spread.seeds, spread.mean - (spread.std ?? 0), spread.mean + (spread.std ?? 0)] : [];

/** Of the rows. */
const mostLines = (groups: readonly Group[]): number => Math.max(...partition(groups, ({ name }) => name).map(({ length }) => length));

/** The groups' names by the mean accuracy over their schemes. */
function bestFirst(groups: readonly Group[]): string[] {
  const accuracy = (name: string): number =>
    mean(groups.filter((group) => group.name === name).map((group) => scoreSpread(group)?.mean ?? 0));
  return unique(groups.map(({ name }) => name)).sort((a, b) => accuracy(b) - accuracy(a));
}

/** Mean zero-shot test accuracy in percent: a scheme that adds parameters may start elsewhere. */
function zeroShotLevel(groups: readonly Group[], scheme: string): number {
  const records = groups.filter((group) => group.scheme === scheme).flatMap(({ completed }) => completed);
  return 100 * mean(records.map(({ zeroShot }) => zeroShot.test.score));
}
