import { describe, expect, test } from '@jest/globals';
import type { Chart, Plugin } from 'chart.js';
import { barSpreads, categoryLevels, pointWhiskers } from '../../reports/error-bars.js';

/** What a plugin drew: lines from and to, and circles, both as x, y in pixels. */
interface Drawing {
  lines: [number, number, number, number][];
  circles: [number, number][];
}

/** Lets a plugin draw on a chart whose y axis puts value v at pixel 100 - v, with one bar of 12 pixels width at x = 50. */
function draw(plugin: Plugin): Drawing {
  const drawing: Drawing = { lines: [], circles: [] };
  let at: [number, number] = [NaN, NaN];
  const nothing = (): void => undefined;
  const ctx = {
    ...{
      save: nothing,
      restore: nothing,
      beginPath: nothing,
      rect: nothing,
      clip: nothing,
      setLineDash: nothing,
      stroke: nothing,
      fill: nothing,
    },
    moveTo: (x: number, y: number) => (at = [x, y]),
    lineTo: (x: number, y: number) => drawing.lines.push([...at, x, y]),
    arc: (x: number, y: number) => drawing.circles.push([x, y]),
  };
  const chart = {
    ctx,
    chartArea: { left: 0, top: 0, width: 200, height: 100 },
    scales: { y: { getPixelForValue: (value: number) => 100 - value } },
    getDatasetMeta: () => ({ data: [{ x: 50, width: 12 }] }),
  } as unknown as Chart;
  void plugin.beforeDatasetsDraw?.(chart, { cancelable: true }, {});
  plugin.afterDatasetsDraw?.(chart, {}, {}, false);
  return drawing;
}

describe.each([
  ['barSpreads', barSpreads],
  ['pointWhiskers', pointWhiskers],
])('%s', (_, plugin) => {
  test('draws a whisker from mean - std to mean + std, with a cap at both ends', () => {
    expect(draw(plugin([[{ mean: 60, std: 10, seeds: [50, 70] }]])).lines).toEqual([
      [46, 50, 54, 50],
      [50, 50, 50, 30],
      [46, 30, 54, 30],
    ]);
  });

  test('draws no whisker without a standard deviation, and nothing where nothing was measured', () => {
    expect(draw(plugin([[{ mean: 60, std: null, seeds: [60] }]])).lines).toEqual([]);
    expect(draw(plugin([[null]]))).toEqual({ lines: [], circles: [] });
  });
});

test('barSpreads puts a dot at the height of each seed, side by side in the right half of the bar', () => {
  expect(draw(barSpreads([[{ mean: 60, std: 10, seeds: [50, 60, 70] }]])).circles).toEqual([
    [51, 50],
    [53, 40],
    [55, 30],
  ]);
});

test('categoryLevels crosses each category at its level', () => {
  expect(draw(categoryLevels([40, 55], [6, 4])).lines).toEqual([
    [0, 60, 100, 60],
    [100, 45, 200, 45],
  ]);
});
