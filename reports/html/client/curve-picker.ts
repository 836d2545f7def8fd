import { lookAt, ON_DARK } from '../../chart-style.js';
import type { Group } from '../../groups.js';
import type { CellRecord } from '../../../records/record.js';
import { mean } from '../../../statistics/moments.js';
import type { Curve, RunData } from '../run-data.js';
import { checkbox, create } from './dom.js';
import { glyphOf, meanSeries, pointsOf, type Series } from './loss-series.js';

export interface CurvePicker {
  element: HTMLElement;
  chosen: () => Series[];
}

/** Groups drawn until the reader chooses: the best on dev. */
const FIRST_SHOWN = 5;

/** A list of the groups, and under each its cells; a cell's checkbox has the cell in its `data-cell`. */
export function curvePicker(groups: readonly Group[], curves: RunData['curves'], onChange: () => void): CurvePicker {
  const entries: { series: Series; box: HTMLInputElement }[] = [];
  const best = new Set(groups.toSorted((a, b) => devScore(b) - devScore(a)).slice(0, FIRST_SHOWN));
  const entry = (series: Series, isChosen: boolean, cell = ''): HTMLElement => {
    const { box, label } = checkbox(isChosen, onChange, swatch(series.index), ` ${series.label}`);
    box.dataset.cell = cell;
    entries.push({ series, box });
    return label;
  };
  const items = groups.map((group, index) => {
    const name = `${group.name}, ${group.scheme}`;
    const seeds = curvesOf(group.completed, curves);
    const cells = group.cells.filter(({ cell }) => cell in curves);
    const single = cells.map((record) => {
      const series = {
        label: `${name}, ${cellLabel(record, group)}`,
        index,
        points: curvesOf([record], curves).flatMap(pointsOf),
        isCell: true,
      };
      return create('li', {}, entry(series, false, record.cell));
    });
    const summary = create('summary', { ariaLabel: `cells of ${name}` }, `cells (${cells.length})`);
    const head = seeds.length > 0 ? entry(meanSeries(name, index, seeds), best.has(group)) : create('span', {}, name);
    return create('li', {}, head, create('details', {}, summary, create('ul', {}, ...single)));
  });
  const clear = (): void => {
    entries.forEach(({ box }) => (box.checked = false));
    onChange();
  };
  const button = create('button', { type: 'button', onclick: clear }, 'Clear');
  const element = create('fieldset', { className: 'picker' }, create('legend', {}, 'Curves'), button, create('ul', {}, ...items));
  return { element, chosen: () => entries.filter(({ box }) => box.checked).map(({ series }) => series) };
}

function devScore({ completed }: Group): number {
  return completed.length > 0 ? mean(completed.map(({ final }) => final.dev.score)) : -1;
}

function curvesOf(records: readonly CellRecord[], curves: RunData['curves']): Curve[] {
  return records.flatMap(({ cell }) => curves[cell] ?? []);
}

/** What tells the cell from the others of its group. */
function cellLabel({ settings, state }: CellRecord, { cells }: Group): string {
  const { seed, learningRate, epsilon } = settings;
  const differs = (name: 'learningRate' | 'epsilon'): boolean => cells.some((other) => other.settings[name] !== settings[name]);
  return [
    `seed ${seed}`,
    ...(differs('learningRate') ? [`learning rate ${learningRate}`] : []),
    ...(differs('epsilon') ? [`epsilon ${epsilon ?? 'none'}`] : []),
    ...(state === 'completed' ? [] : [state]),
  ].join(', ');
}

function swatch(index: number): HTMLElement {
  const glyph = create('span', { className: 'glyph', ariaHidden: 'true' }, glyphOf(index));
  glyph.style.color = `light-dark(${lookAt(index).colour}, ${lookAt(index, ON_DARK).colour})`;
  return glyph;
}
