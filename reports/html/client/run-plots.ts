import type { ChartConfiguration, ChartType, TooltipItem } from 'chart.js';
import { appearanceOf, ON_DARK, SIZE, type Appearance, type Marker, type Theme } from '../../chart-style.js';
import { fixed } from '../../../engine/quantities.js';
import { mebibytes } from '../../format.js';
import { groupRecords, type Group } from '../../groups.js';
import { metricText, scoreSpread, byObjective, panelsOf, subtitleOf, spreadText, type Panel } from '../../panels.js';
import { accuracyChart } from '../../plot-accuracy.js';
import { memoryChart } from '../../plot-memory.js';
import type { RunData } from '../run-data.js';
import { checkbox, create, figure } from './dom.js';
import { lossFigure } from './loss-figure.js';
import { Plot } from './plot.js';

/** What stands in a legend for a marker. */
const GLYPHS: Readonly<Record<Marker, string>> = {
  circle: '●',
  rect: '■',
  triangle: '▲',
  rectRot: '◆',
  crossRot: '✖',
  star: '✱',
  cross: '✚',
};
/** Of an image's height, what title and legend take there; on the page they stand above the chart. */
const HEAD_HEIGHT = 75;

/** Below this width, in CSS pixels, names are cut in their middle to so many letters. */
const ROOMY = 640;
const SHORT = 16;

type Draw = (panel: Panel, look: Appearance) => ChartConfiguration;

/** The plots of a run: for each model and task, accuracy by optimizer, accuracy against memory, and training losses. */
export function runPlots({ records, curves }: RunData): HTMLElement[] {
  const groups = groupRecords(records);
  return panelsOf(groups).map((panel) => {
    const hasCompleted = panel.groups.some(({ completed }) => completed.length > 0);
    return create(
      'div',
      { className: 'panel' },
      create('h3', {}, panel.label),
      ...(hasCompleted ? accuracyFigures(panel, groups) : []),
      ...byObjective(panel).map((part) => lossFigure(part, curves)),
    );
  });
}

/** Two plots of the schemes that the legend above them has chosen. */
function accuracyFigures(panel: Panel, groups: readonly Group[]): HTMLElement[] {
  const completed = panel.groups.filter((group) => group.completed.length > 0);
  const schemes = new Set(completed.map(({ scheme }) => scheme));
  const plotOf = (title: string, draw: Draw): Plot => {
    const configure = (theme: Theme): ChartConfiguration => {
      const [first = panel.groups[0], ...others] = completed.filter(({ scheme }) => schemes.has(scheme));
      return withTooltips(draw({ ...panel, groups: [first, ...others] }, appearanceOf(groups, theme)), completed);
    };
    return new Plot(`${title}: ${panel.label}. The table of results has the figures.`, configure, heightOf);
  };
  const [spread, metric] = [spreadText(completed), metricText(completed)];
  const drawn = [
    { title: `Test ${metric} by optimizer`, draw: narrowable, caption: `dot: ${spread}, small dot: one seed, dashed: zero-shot` },
    { title: `Test ${metric} against peak memory`, draw: memoryChart, caption: `${spread}; memory: largest peak over the seeds` },
  ].map(({ title, draw, caption }) => ({ title, plot: plotOf(title, draw), caption: subtitleOf(panel, caption) }));
  const legend = schemeLegend(schemes, appearanceOf(groups), appearanceOf(groups, ON_DARK), () => drawn.forEach(({ plot }) => plot.draw()));
  return [legend, ...drawn.map(({ title, plot, caption }) => figure(title, caption, plot.box))];
}

/** The same, with the optimizers' names cut where there is little room; its tooltips have them whole. */
function narrowable(panel: Panel, look: Appearance): ChartConfiguration {
  const chart = accuracyChart(panel, look);
  const y = chart.options?.scales?.y;
  if (y?.ticks) {
    y.ticks.callback = function (value) {
      const name = this.getLabelForValue(Number(value));
      return this.chart.width < ROOMY && name.length > SHORT ? `${name.slice(0, SHORT / 2)}…${name.slice(-SHORT / 2)}` : name;
    };
  }
  return chart;
}

/** Checkboxes that take schemes out of the plots and put them back; with the last one gone, all are back. */
function schemeLegend(shown: Set<string>, onWhite: Appearance, onDark: Appearance, redraw: () => void): HTMLElement {
  const schemes = [...shown].sort();
  const boxes = schemes.map((scheme) => {
    const glyph = create('span', { className: 'glyph', ariaHidden: 'true' }, GLYPHS[onWhite.marker(scheme)]);
    glyph.style.color = `light-dark(${onWhite.colour(scheme)}, ${onDark.colour(scheme)})`;
    return checkbox(true, () => choose(scheme), glyph, ` ${scheme}`);
  });
  const choose = (scheme: string): void => {
    if (!shown.delete(scheme)) shown.add(scheme);
    if (shown.size === 0) schemes.forEach((each) => shown.add(each));
    boxes.forEach(({ box }, index) => (box.checked = shown.has(schemes[index] ?? '')));
    redraw();
  };
  return create('fieldset', { className: 'legend' }, create('legend', {}, 'Schemes'), ...boxes.map(({ label }) => label));
}

function heightOf({ options }: ChartConfiguration): number {
  return Math.round(SIZE.width / (options?.aspectRatio ?? 1)) - HEAD_HEIGHT;
}

function withTooltips(configuration: ChartConfiguration, groups: readonly Group[]): ChartConfiguration {
  const texts = new Map(groups.map((group) => [`${group.name}, ${group.scheme}`, textOf(group)]));
  const label = ({ label: category, dataset }: TooltipItem<ChartType>): string => {
    const name = dataset.label ?? '';
    return texts.get(name) ?? texts.get(`${category}, ${name}`) ?? name;
  };
  const tooltip = { callbacks: { title: () => '', label } };
  return { ...configuration, options: { ...configuration.options, plugins: { ...configuration.options?.plugins, tooltip } } };
}

function textOf(group: Group): string {
  const { name, scheme, completed } = group;
  const spread = scoreSpread(group);
  const accuracy = spread === null ? '' : fixed(spread.mean, 1) + (spread.std === null ? '' : ` ± ${fixed(spread.std, 1)}`);
  const peak = mebibytes(Math.max(...completed.map(({ memory }) => memory.peakBytes)));
  return `${name}, ${scheme}: ${accuracy} % (seeds: ${completed.length}), ${peak} MiB`;
}
