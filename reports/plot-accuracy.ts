import type { ChartConfiguration } from 'chart.js';
import { axisTitle, chartOptions, lineItem, optimizerItem, unique, type Appearance } from './chart-style.js';
import { categoryLevels, barSpreads } from './error-bars.js';
import type { Group } from './groups.js';
import { accuracySpread, spreadText, subtitleOf, type Panel } from './panels.js';
import { mean } from './statistics.js';

const ZERO_SHOT_DASH = [6, 4];

/** Bars of test accuracy in percent, a bar per optimizer, grouped by scheme; zero-shot as a dashed level. */
export function accuracyChart(panel: Panel, look: Appearance): ChartConfiguration {
  const groups = panel.groups.filter(({ completed }) => completed.length > 0);
  const schemes = unique(groups.map(({ scheme }) => scheme));
  const optimizers = unique(groups.map(({ optimizer }) => optimizer));
  const spreads = optimizers.map((optimizer) =>
    schemes.map((scheme) => {
      const group = groups.find((candidate) => candidate.scheme === scheme && candidate.optimizer === optimizer);
      return group ? accuracySpread(group) : null;
    }),
  );
  return {
    type: 'bar',
    data: {
      labels: schemes,
      datasets: optimizers.map((optimizer, index) => ({
        label: optimizer,
        data: (spreads[index] ?? []).map((spread) => spread?.mean ?? null),
        backgroundColor: look.colour(optimizer),
        categoryPercentage: 0.84,
        barPercentage: 0.9,
        maxBarThickness: 60,
      })),
    },
    options: chartOptions({
      title: `Test accuracy by optimizer: ${panel.label}`,
      subtitle: subtitleOf(panel, `bar: ${spreadText(groups)}, dot: one seed`),
      legend: [...optimizers.map((optimizer) => optimizerItem(look, optimizer)), lineItem('zero-shot', ZERO_SHOT_DASH)],
      swatchWidth: 26,
      scales: {
        x: { title: axisTitle('fine-tuning scheme'), grid: { display: false } },
        y: { title: axisTitle('test accuracy (%)'), min: 0, max: 100, ticks: { stepSize: 10 } },
      },
    }),
    plugins: [categoryLevels(zeroShotLevels(groups, schemes), ZERO_SHOT_DASH), barSpreads(spreads)],
  };
}

/** Mean zero-shot test accuracy in percent, by scheme: a scheme that adds parameters may start elsewhere. */
function zeroShotLevels(groups: Group[], schemes: string[]): number[] {
  return schemes.map((scheme) => {
    const records = groups.filter((group) => group.scheme === scheme).flatMap(({ completed }) => completed);
    return 100 * mean(records.map(({ zeroShot }) => zeroShot.test.accuracy));
  });
}
