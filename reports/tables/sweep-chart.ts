import type { ChartConfiguration } from 'chart.js';
import { doublingAxis } from '../axes.js';
import { axisTitle, chartOptions, lookAt } from '../chart-style.js';
import { pointWhiskers, type Spread } from '../error-bars.js';
import { provenance } from '../panels.js';
import type { Measure } from './measures.js';
import type { Heading, Table } from './table.js';

type Unit = Measure['unit'];

const AXIS: Readonly<Record<Unit, string>> = {
  '%': 'test accuracy (%)',
  MiB: 'peak memory (MiB)',
  ms: 'time per step (ms)',
  passes: 'forward passes per step',
};

interface Curve {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly spread: Spread }[];
}

/**
 * A figure's curves against the numbers that its rows stand for, a chart for each unit; none where no curve has two points.
 * @param doubles whether equal ratios of the numbers are equal steps of the axis.
 */
export function sweepCharts(table: Table, doubles: boolean): Partial<Record<Unit, ChartConfiguration>> {
  const units = [...new Set(table.rows.flatMap(({ cells }) => cells.map(({ measure }) => measure.unit)))];
  return Object.fromEntries(
    units.flatMap((unit) => {
      const curves = curvesOf(table, unit).filter(({ points }) => points.length > 1);
      return curves.length > 0 ? [[unit, chartOf(table, unit, curves, doubles)]] : [];
    }),
  );
}

function curvesOf({ columns, rows }: Table, unit: Unit): Curve[] {
  return columns.map((column, index) => ({
    label: curveLabel(column),
    points: rows.flatMap(({ key, cells }) => {
      const cell = cells[index];
      if (!cell?.ours || cell.measure.unit !== unit) return [];
      const { mean, std } = cell.ours;
      return [{ x: Number(key), spread: { mean, std, seeds: [] } }];
    }),
  }));
}

/** Without the last label, the measure, which the axis names. */
const curveLabel = ({ labels }: Heading): string => labels.slice(0, -1).join(', ');

function chartOf(table: Table, unit: Unit, curves: readonly Curve[], doubles: boolean): ChartConfiguration {
  const looks = curves.map((_, index) => lookAt(index));
  const ticks = table.rows.map(({ key }) => ({ value: Number(key) }));
  return {
    type: 'line',
    data: {
      datasets: curves.map(({ label, points }, index) => ({
        label,
        data: points.map(({ x, spread }) => ({ x, y: spread.mean })),
        borderColor: looks[index]?.colour,
        backgroundColor: looks[index]?.colour,
        pointStyle: looks[index]?.marker,
        borderWidth: 2,
        pointRadius: 5,
        clip: 10,
      })),
    },
    options: chartOptions({
      title: table.title,
      subtitle: subtitleOf(table),
      legend: curves.map(({ label }, index) => {
        const { colour, marker } = looks[index] ?? lookAt(index);
        return { text: label, fillStyle: colour, strokeStyle: colour, lineWidth: 2, pointStyle: marker };
      }),
      legendAt: 'top',
      swatchWidth: 13,
      scales: {
        x: {
          ...(doubles ? doublingAxis(ticks.map(({ value }) => value)) : { type: 'linear', grace: '5%' }),
          title: axisTitle(table.corner[0] ?? ''),
          afterBuildTicks: (axis) => (axis.ticks = ticks),
        },
        y: { title: axisTitle(AXIS[unit]), grace: '15%' },
      },
    }),
    plugins: [pointWhiskers(curves.map(({ points }) => points.map(({ spread }) => spread)))],
  };
}

/** A figure without records is of a study of its own, which its axes describe. */
function subtitleOf({ records }: Table): string[] {
  return records.length > 0 ? ['mean over the seeds, whisker: ± 1 sample std', provenance(records).join('  ·  ')] : [];
}
