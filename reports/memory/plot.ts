import type { ChartConfiguration } from 'chart.js';
import { GIB } from '../../engine/quantities.js';
import { axisTitle, chartOptions, GAP_ITEM, lookAt, NEUTRAL } from '../chart-style.js';
import { partition } from '../groups.js';
import { shortName } from '../panels.js';
import { crossovers, crossoverText, type Axis, type MemoryRow, type MemoryStudy } from './study.js';

/** More do not fit above a chart; the table has them all. */
const CROSSOVERS_NAMED = 3;

const TITLES: Readonly<Record<Axis, string>> = { sequence: 'sequence length', batch: 'batch size' };
const AXES: Readonly<Record<Axis, string>> = { sequence: 'tokens of a sequence', batch: 'batch size' };

/** Memory in GiB against what is varied, a line per optimizer, with a ring where two lines cross; null where nothing is varied. */
export function memoryStudyChart(study: MemoryStudy, axis: Axis): ChartConfiguration | null {
  const rows = axis === 'sequence' ? study.byLength : study.byBatch;
  const places = [...new Set(rows.map((row) => row[axis]))];
  if (places.length < 2) return null;
  const crossed = crossovers(rows, axis);
  const lines = partition(rows, ({ optimizer }) => optimizer);
  return {
    type: 'line',
    data: {
      datasets: [
        {
          label: 'crossovers',
          data: crossed.map(({ at, bytes }) => ({ x: at, y: bytes / GIB })),
          showLine: false,
          pointStyle: 'circle',
          pointRadius: 8,
          pointBackgroundColor: 'transparent',
          pointBorderColor: NEUTRAL,
          pointBorderWidth: 1.5,
        },
        ...lines.map((points, index) => {
          const { colour, marker } = lookAt(index);
          return {
            label: points[0].optimizer,
            data: points.map((row) => ({ x: row[axis], y: row.heldBytes / GIB })),
            borderColor: colour,
            backgroundColor: colour,
            borderWidth: 2,
            pointStyle: marker,
            pointRadius: 4,
            clip: 10,
          };
        }),
      ],
    },
    options: chartOptions({
      title: `Predicted memory against ${TITLES[axis]}: ${shortName(study.model)}, ${study.scheme}`,
      subtitle: [heldText(study, rows, axis), ...crossoverLines(crossed.map((crossing) => crossoverText(crossing, axis)))],
      legend: [
        ...lines.map(([{ optimizer: text }], index) => {
          const { colour, marker } = lookAt(index);
          return { text, fillStyle: colour, strokeStyle: colour, lineWidth: 2, pointStyle: marker };
        }),
        ...(crossed.length > 0
          ? [GAP_ITEM, { text: 'crossover', fillStyle: 'transparent', strokeStyle: NEUTRAL, lineWidth: 1.5, pointStyle: 'circle' as const }]
          : []),
      ],
      swatchWidth: 13,
      scales: {
        x: { type: 'linear', min: 0, max: Math.max(...places), title: axisTitle(AXES[axis]) },
        y: { type: 'linear', beginAtZero: true, title: axisTitle(`held by training, in ${study.dtype} (GiB)`) },
      },
    }),
  };
}

function heldText({ dtype, targets }: MemoryStudy, rows: readonly MemoryRow[], axis: Axis): string {
  const fixed = axis === 'sequence' ? `batch size ${rows[0]?.batch ?? 0}` : `${rows[0]?.sequence ?? 0} tokens`;
  const reads = targets === 'all' ? 'a token predicted everywhere' : 'one token predicted at the end';
  return `${fixed}  ·  ${reads}  ·  every number in ${dtype}  ·  from shapes, not measured`;
}

function crossoverLines(texts: readonly string[]): string[] {
  const more = texts.length - CROSSOVERS_NAMED;
  return [...texts.slice(0, CROSSOVERS_NAMED), ...(more > 0 ? [`and ${more} more, in the table`] : [])];
}
