import { describe, expect, test } from '@jest/globals';
import type { Chart, Plugin } from 'chart.js';
import { rowSpreads, levelLines, pointWhiskers } from '../../reports/error-bars.js';

/** What a plugin drew: lines from and to, circles, and texts, all at x, y in pixels. */
interface Drawing {
  lines: [number, number, number, number][];
  circles: [number, number][];
  texts: [string, number, number][];
}

/** Lets a plugin draw on a chart whose axes put value v at pixel v from the left and 100 - v from above, with one element at 50, 40. */
function draw(plugin: Plugin): Drawing {
  const drawing: Drawing = { lines: [], circles: [], texts: [] };
  let at: [number, number] = [NaN, NaN];
  const nothing = (): void => undefined;
  const ctx = {
    save: nothing,
    restore: nothing,
    beginPath: nothing,
    rect: nothing,
    clip: nothing,
    setLineDash: nothing,
    stroke: nothing,
    fill: nothing,
    moveTo: (x: number, y: number) => (at = [x, y]),
    lineTo: (x: number, y: number) => drawing.lines.push([...at, x, y]),
    arc: (x: number, y: number) => drawing.circles.push([x, y]),
    fillText: (text: string, x: number, y: number) => drawing.texts.push([text, x, y]),
  };
  const chart = {
    ctx,
    options: {},
    chartArea: { left: 0, top: 0, right: 200, width: 200, height: 100 },
    scales: { x: { getPixelForValue: (value: number) => value }, y: { getPixelForValue: (value: number) => 100 - value } },
    getDatasetMeta: () => ({ data: [{ x: 50, y: 40 }] }),
  } as unknown as Chart;
  void plugin.beforeDatasetsDraw?.(chart, { cancelable: true }, {});
  plugin.afterDatasetsDraw?.(chart, {}, {}, false);
  return drawing;
}

test('pointWhiskers draws a whisker up and down from mean - std to mean + std, with a cap at both ends', () => {
  expect(draw(pointWhiskers([[{ mean: 60, std: 10, seeds: [50, 70] }]])).lines).toEqual([
    [46, 50, 54, 50],
    [50, 50, 50, 30],
    [46, 30, 54, 30],
  ]);
});

describe('rowSpreads', () => {
  test('draws a whisker along the bar, with a cap at both ends', () => {
    expect(draw(rowSpreads([[{ mean: 60, std: 10, seeds: [50, 70] }]], ['red'])).lines).toEqual([
      [50, 36, 50, 44],
      [50, 40, 70, 40],
      [70, 36, 70, 44],
    ]);
  });

  test('draws a dot for each seed and over them the mean, and the figures right of the chart', () => {
    const { circles, texts } = draw(rowSpreads([[{ mean: 60, std: 10, seeds: [50, 60, 70] }]], ['red']));
    expect(circles).toEqual([
      [50, 40],
      [60, 40],
      [70, 40],
      [60, 40],
    ]);
    expect(texts).toEqual([['60.0 ± 10.0', 208, 40]]);
  });
});

test.each([(spreads: Parameters<typeof pointWhiskers>[0]) => rowSpreads(spreads, ['red']), pointWhiskers])(
  'draws no whisker without a standard deviation, and nothing where nothing was measured',
  (plugin) => {
    expect(draw(plugin([[{ mean: 60, std: null, seeds: [60] }]])).lines).toEqual([]);
    expect(draw(plugin([[null]]))).toEqual({ lines: [], circles: [], texts: [] });
  },
);

test('levelLines crosses the chart from top to bottom at each level', () => {
  expect(draw(levelLines([40, 55], [6, 4])).lines).toEqual([
    [40, 0, 40, 100],
    [55, 0, 55, 100],
  ]);
});
