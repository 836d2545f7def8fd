import { countsText } from '../format.js';
import type { Group } from '../groups.js';
import type { CellSettings, CompletedRecord } from '../../records/record.js';
import { mean, sampleStd } from '../../statistics/moments.js';
import { countStates } from '../summary.js';
import { captionOf } from './caption.js';
import type { Line } from './lines.js';
import { accuracy, type Measure } from './measures.js';
import type { PublishedValues } from './published.js';
import { groupFor, type RecordedRuns } from './run.js';
import type { TableCell, Heading, Measured, Table } from './table.js';

/** What a paper's table is made of. */
export interface TableDefinition extends Pick<Table, 'id' | 'title' | 'from' | 'corner'> {
  /** Which records may stand in it at all. */
  readonly scope: (settings: CellSettings) => boolean;
  readonly rows: (run: RecordedRuns) => readonly Line[];
  readonly columns: (run: RecordedRuns) => readonly Line[];
  /** Test accuracy unless told. */
  readonly measure?: Measure;
  /** By the keys of rows and columns. */
  readonly published?: PublishedValues;
  /** What a reader has to know besides: sentences. */
  readonly notes?: readonly string[];
}

/** What nearly all tables rest on: tasks asked in words, trained by cross-entropy. */
export const standard = ({ template, objective }: CellSettings): boolean => template === 'aligned' && objective === 'cross-entropy';

/** Fills a paper's table from a run. */
export function buildTable({ scope, published = {}, notes = [], ...definition }: TableDefinition, run: RecordedRuns): Table {
  const { id, title, from, corner, measure = accuracy } = definition;
  const columns = definition.columns(run);
  const groups = new Set<Group>();
  const cellAt = (row: Line, column: Line): TableCell => {
    const group = groupFor(run, (settings) => scope(settings) && row.matches(settings) && column.matches(settings));
    if (group) groups.add(group);
    const own = column.measure ?? row.measure ?? measure;
    return { measure: own, ...measuredBy(group, own), published: published[row.key]?.[column.key] ?? null };
  };
  const rows = definition.rows(run).map((row) => ({ ...headingOf(row), cells: columns.map((column) => cellAt(row, column)) }));
  const records = [...groups].flatMap(({ completed }) => completed);
  return { id, title, from, corner, columns: columns.map(headingOf), rows, caption: [...notes, ...captionOf(records)], records };
}

const headingOf = ({ key, labels }: Line): Heading => ({ key, labels });

function measuredBy(group: Group | undefined, measure: Measure): Pick<TableCell, 'ours' | 'ended'> {
  if (!group) return { ours: null, ended: '' };
  return { ours: measuredOver(group.completed, measure), ended: countsText(countStates(group.ended)) };
}

function measuredOver(seeds: readonly CompletedRecord[], { of }: Measure): Measured | null {
  if (seeds.length === 0) return null;
  const values = seeds.map(of);
  return { mean: mean(values), std: sampleStd(values), seeds: seeds.length };
}
