import type { ChartConfiguration } from 'chart.js';
import { logAxis, ratioOf } from './axes.js';
import { chartOptions, lineItem, unique, type Appearance } from './chart-style.js';
import { LOSS, meanOverSeeds, smooth, WINDOW, type Point } from './curves.js';
import type { Group } from './groups.js';
import { seedsText, subtitleOf, type Panel } from './panels.js';
import { AXIS_TITLE_ROOM, axesAt, gridFor, gridScales, gridTitles, type Scale } from './small-multiples.js';

/** More points than this cannot be told apart at the plot's width. */
const MAX_POINTS = 400;
/** From this ratio of largest to smallest on, an axis is logarithmic. */
const LOG_RATIO = 20;

/** CSS pixels: of a row of small charts, of all rows at least, and of what is above and below them. */
const ROW_HEIGHT = 115;
const LEAST_HEIGHT = 340;
const FRAME_HEIGHT = 125;
const BEHIND = { borderColor: '#dedede', borderWidth: 0.75, pointRadius: 0 };

/** Parts two lines of a dataset. */
const BREAK: Point = { x: NaN, y: NaN };

/**
 * Smoothed training loss against forward passes, mean over seeds: a small chart per optimizer with a line per scheme (colour and
 * dash), the other optimizers' lines behind it. The groups have one objective.
 */
export function lossChart(panel: Panel, look: Appearance): ChartConfiguration {
  const groups = panel.groups.filter(({ completed }) => completed.length > 0);
  const names = unique(groups.map(({ name }) => name));
  const grid = gridFor(names.length);
  const lines = new Map(groups.map((group) => [group, smooth(meanOverSeeds(group), MAX_POINTS / grid.columns)]));
  const points = [...lines.values()].flat();
  const losses = points.map(({ y }) => y);
  const ends = [...lines.values()].map((line) => line.at(-1)?.x ?? 0);
  const schemes = unique(groups.map(({ scheme }) => scheme));
  const style = (group: Group): object => ({
    borderColor: look.colour(group.scheme),
    backgroundColor: look.colour(group.scheme),
    borderDash: look.dash(group.scheme),
    borderWidth: 1.75,
    borderJoinStyle: 'round',
    // A line of one point would be invisible.
    pointRadius: lines.get(group)?.length === 1 ? 3 : 0,
  });
  const hasOthers = names.length > 1;
  const others = { label: 'all optimizers', data: [...lines.values()].flatMap((line) => [...line, BREAK]), ...BEHIND };
  return {
    type: 'line',
    data: {
      datasets: names.flatMap((name, index) => [
        ...groups
          .filter((group) => group.name === name)
          .map((group) => ({ label: `${name}, ${group.scheme}`, data: lines.get(group) ?? [], ...style(group), ...axesAt(grid, index) })),
        ...(hasOthers ? [{ ...others, ...axesAt(grid, index) }] : []),
      ]),
    },
    options: chartOptions({
      title: `${LOSS[groups[0]?.objective ?? 'cross-entropy']} against forward passes: ${panel.label}`,
      subtitle: subtitleOf(
        panel,
        `${seedsText(groups)}, moving average over ${100 * WINDOW} % of the steps${hasOthers ? '; grey: the other optimizers' : ''}`,
      ),
      legend: schemes.map((scheme) => lineItem(scheme, look.dash(scheme), look.colour(scheme))),
      legendAt: 'top',
      height: FRAME_HEIGHT + Math.max(LEAST_HEIGHT, ROW_HEIGHT * grid.rows),
      paddingLeft: 16 + AXIS_TITLE_ROOM,
      paddingBottom: 12 + AXIS_TITLE_ROOM,
      swatchWidth: 26,
      scales: gridScales(
        grid,
        scaleFor(
          ends,
          points.map(({ x }) => x),
        ),
        scaleFor(losses, losses),
      ),
    }),
    plugins: [gridTitles(grid, names, { x: 'forward passes', y: LOSS[groups[0]?.objective ?? 'cross-entropy'].toLowerCase() })],
  };
}

/** Of the range, left free beyond the lines: neighbours' ticks must not meet. */
const ROOM = 0.04;

/** @param ends What the lines reach: where these lie far apart, a linear axis would hide the shorter lines. */
function scaleFor(ends: number[], all: number[]): Scale {
  const [least, most] = [Math.min(...all), Math.max(...all)];
  if (ratioOf(ends) >= LOG_RATIO) {
    const factor = (most / least) ** ROOM;
    const { type, ticks } = logAxis(all);
    return { type, min: least / factor, max: most * factor, ticks: { ...ticks, ...TICKS } };
  }
  const room = ROOM * (most - least || 1);
  const [min, max] = [least - room, most + room];
  const setTicks = (axis: { ticks: { value: number }[] }): void => void (axis.ticks = roundValues(min, max).map((value) => ({ value })));
  return { type: 'linear', min, max, ticks: TICKS, afterBuildTicks: setTicks };
}

const MOST_STEPS = 4;

/** Multiples of 1, 2 or 5 times a power of ten, not too many; chart.js would choose ticks for another width than an axis has in a grid. */
function roundValues(min: number, max: number): number[] {
  const decade = 10 ** Math.floor(Math.log10((max - min) / MOST_STEPS));
  const step = decade * ([1, 2, 5].find((factor) => (max - min) / (factor * decade) <= MOST_STEPS) ?? 10);
  const first = Math.ceil(min / step);
  return Array.from({ length: Math.floor(max / step) - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

const TICKS = { includeBounds: false, align: 'inner', maxRotation: 0, autoSkip: false, font: { size: 11 } } as const;
