import type { CompletedRecord } from '../../records/record.js';
import type { Measure } from './measures.js';
import type { PublishedSource } from './sources.js';

/** What the seeds of one group measured, in the unit of the cell's measure. */
export interface Measured {
  readonly mean: number;
  /** Sample standard deviation; null for a single seed. */
  readonly std: number | null;
  readonly seeds: number;
}

/** A number that a paper printed, in the paper's unit. */
export interface Published {
  readonly value: number;
  /** As printed, where it was. */
  readonly std?: number;
  /** Behind the value, where the paper's unit is not that of the cell. */
  readonly unit?: string;
  readonly source: PublishedSource;
}

export interface TableCell {
  readonly measure: Measure;
  /** null where no seed completed. */
  readonly ours: Measured | null;
  /** Such as `2 diverged`; empty where every seed completed, or none was run. */
  readonly ended: string;
  readonly published: Published | null;
}

/** A row's or a column's heading. */
export interface Heading {
  readonly key: string;
  /** From outside in. */
  readonly labels: readonly string[];
}

export interface Row extends Heading {
  /** By column. */
  readonly cells: readonly TableCell[];
}

/** A table of a paper, filled from a run. */
export interface Table {
  /** File name without its ending. */
  readonly id: string;
  readonly title: string;
  /** The paper, and what it is called there. */
  readonly from: string;
  /** What the row headings are, as many as each has labels. */
  readonly corner: readonly string[];
  readonly columns: readonly Heading[];
  readonly rows: readonly Row[];
  /** Sentences. */
  readonly caption: readonly string[];
  /** The records behind the cells. */
  readonly records: readonly CompletedRecord[];
}

/** Whether any cell shows something of the run. */
export const isFilled = ({ rows }: Table): boolean => rows.some(({ cells }) => cells.some(({ ours }) => ours !== null));
