import { mean, sampleStd } from '../../../statistics/moments.js';
import { peakMemory } from '../measures.js';
import { readMemoryStudy, type MemoryPoint } from '../memory-study.js';
import type { RecordedRuns } from '../run.js';
import type { TableCell, Table } from '../table.js';

/** Memory against sequence length, out of a memory study in the run's folders. Its values were not to be had. */
export function zoBenchMemoryByLength({ folders }: RecordedRuns): Table {
  const studied = folders.flatMap(readMemoryStudy);
  const measured = studied.filter(({ kind }) => kind === 'measured');
  const points = measured.length > 0 ? measured : studied;
  const lengths = [...new Set(points.map(({ length }) => length))].sort((a, b) => a - b);
  const optimizers = [...new Set(points.map(({ optimizer }) => optimizer))].sort();
  return {
    id: 'zo-bench-memory-by-length',
    title: 'Memory by sequence length',
    from: 'ZO-Bench, Figure 2',
    corner: ['tokens'],
    columns: optimizers.map((optimizer) => ({
      key: optimizer,
      labels: [optimizer, measured.length > 0 ? 'peak memory (MiB)' : 'memory held (MiB)'],
    })),
    rows: lengths.map((length) => ({
      key: String(length),
      labels: [String(length)],
      cells: optimizers.map((optimizer) => cellOf(points.filter((point) => point.length === length && point.optimizer === optimizer))),
    })),
    caption: [captionOf(points)],
    records: [],
  };
}

function captionOf([first]: readonly MemoryPoint[]): string {
  if (first === undefined) return 'Empty: the run folder holds no memory study (memory-by-length.csv).';
  if (first.kind === 'predicted') return 'Predicted by `npm run memory`: what training holds.';
  return 'Measured by `npm run memory`: peaks of processes.';
}

function cellOf(points: readonly MemoryPoint[]): TableCell {
  const values = points.map(({ peakMib }) => peakMib);
  const ours = values.length > 0 ? { mean: mean(values), std: sampleStd(values), seeds: values.length } : null;
  return { measure: peakMemory, ours, ended: '', published: null };
}
