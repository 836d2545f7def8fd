import { smooth } from '../curves.js';
import type { CellRecord } from '../../records/record.js';

/** Smoothed training loss of one cell: parallel lists. */
export interface Curve {
  forwards: number[];
  loss: number[];
}

/** What the page's plots are drawn from. */
export interface RunData {
  /** Without their curves. */
  records: CellRecord[];
  /** By cell; cells without a curve have none. */
  curves: Record<string, Curve>;
}

/** Points that all curves of a page may have together (about 16 bytes each), and that one of them has at most and at least. */
const POINTS = 60_000;
const MOST_POINTS = 200;
const LEAST_POINTS = 20;

/** Takes what the plots need from the records of a run; long curves are smoothed and thinned. */
export function runDataOf(records: readonly CellRecord[]): RunData {
  const most = Math.max(LEAST_POINTS, Math.min(MOST_POINTS, Math.floor(POINTS / records.length)));
  const withCurve = records.filter(({ curve }) => curve.length > 0);
  return {
    records: records.map(withoutCurves),
    curves: Object.fromEntries(withCurve.map((record) => [record.cell, thinned(record, most)])),
  };
}

function withoutCurves(record: CellRecord): CellRecord {
  return record.state === 'completed' ? { ...record, curve: [], devCurve: [] } : { ...record, curve: [] };
}

function thinned({ curve }: CellRecord, most: number): Curve {
  const points = smooth(
    curve.map(({ forwards, loss }) => ({ x: forwards, y: loss })),
    most,
  );
  return { forwards: points.map(({ x }) => x), loss: points.map(({ y }) => Number(y.toPrecision(4))) };
}
