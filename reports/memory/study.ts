import { grouped } from '../../engine/quantities.js';
import { partition } from '../groups.js';

/** What one optimizer's step takes at one length and batch size. */
export interface MemoryRow {
  readonly optimizer: string;
  readonly batch: number;
  /** Tokens of each text. */
  readonly sequence: number;
  /** What training holds at the study's precision, in bytes, and its parts. */
  readonly heldBytes: number;
  readonly parts: MemoryParts;
  /** Predicted peak of a process of this suite, which computes in float32. */
  readonly processBytes: number;
  /** Peaks of processes, one per repeat. */
  readonly measuredBytes: readonly number[];
}

/** In bytes. */
export interface MemoryParts {
  readonly weights: number;
  readonly state: number;
  readonly scratch: number;
  readonly flow: number;
  readonly inside: number;
}

/** A published peak beside what is predicted for it. */
export interface PublishedRow {
  readonly model: string;
  readonly optimizer: string;
  readonly conditions: string;
  readonly dtype: string;
  readonly publishedBytes: number;
  readonly predictedBytes: number;
  readonly source: string;
}

export interface MemoryStudy {
  readonly model: string;
  readonly scheme: string;
  readonly dtype: string;
  /** Where a token is predicted. */
  readonly targets: 'all' | 'last';
  readonly byLength: readonly MemoryRow[];
  readonly byBatch: readonly MemoryRow[];
  readonly published: readonly PublishedRow[];
}

/** What is varied. */
export type Axis = 'sequence' | 'batch';

/** Where two optimizers take as much memory. */
export interface Crossover {
  /** Takes less before and more after. */
  readonly rising: string;
  readonly other: string;
  readonly at: number;
  readonly bytes: number;
}

/** Every crossing of two optimizers' lines, in order, by interpolation between the points that were looked at. */
export function crossovers(rows: readonly MemoryRow[], axis: Axis): readonly Crossover[] {
  const lines = partition(rows, ({ optimizer }) => optimizer).map((points) => ({
    optimizer: points[0].optimizer,
    points: points.toSorted((a, b) => a[axis] - b[axis]),
  }));
  const found = lines.flatMap((rising) =>
    lines.flatMap((other) =>
      rising.points.slice(1).flatMap((right, index): Crossover[] => {
        const left = rising.points[index];
        const [before, after] = [other.points[index], other.points[index + 1]];
        if (!left || !before || !after) return [];
        const gap = [left.heldBytes - before.heldBytes, right.heldBytes - after.heldBytes] as const;
        if (gap[0] >= 0 || gap[1] <= 0) return [];
        const share = gap[0] / (gap[0] - gap[1]);
        const between = (from: number, to: number): number => from + share * (to - from);
        const bytes = between(left.heldBytes, right.heldBytes);
        return [{ rising: rising.optimizer, other: other.optimizer, at: between(left[axis], right[axis]), bytes }];
      }),
    ),
  );
  return found.sort((a, b) => a.at - b.at);
}

/** Such as `fo-sgd takes more than zo-adam from 1,234 tokens on`. */
export function crossoverText({ rising, other, at }: Crossover, axis: Axis): string {
  const place = axis === 'sequence' ? `${grouped(Math.ceil(at))} tokens` : `batch size ${Math.ceil(at)}`;
  return `${rising} takes more than ${other} from ${place} on`;
}
