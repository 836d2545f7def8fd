import { fixed } from '../../engine/quantities.js';
import { ABSENT } from '../format.js';
import { SOURCES, type PublishedSource } from './sources.js';
import type { TableCell, Published, Table } from './table.js';

/** A cell in words: ours, and the published value with the letter of its source. */
export interface CellText {
  readonly ours: string;
  readonly published: { readonly text: string; readonly letter: string } | null;
}

/** Gives the text of a table's cells, where numbers of seeds are named if they differ. */
export function cellTextsOf(table: Table): (cell: TableCell) => CellText {
  const counts = new Set(allCells(table).flatMap(({ ours }) => (ours ? [ours.seeds] : [])));
  const sources = sourcesOf(table);
  return (cell) => ({
    ours: oursText(cell, counts.size > 1),
    published: cell.published && { text: publishedText(cell.published), letter: letterOf(sources.indexOf(cell.published.source)) },
  });
}

function oursText({ ours, ended, measure }: TableCell, namesSeeds: boolean): string {
  if (!ours) return ended || ABSENT;
  const std = ours.std === null ? '' : ` ± ${measure.text(ours.std)}`;
  const seeds = namesSeeds ? ` (n=${ours.seeds})` : '';
  return measure.text(ours.mean) + std + seeds + (ended && `, ${ended}`);
}

/** As printed. */
function publishedText({ value, std, unit }: Published): string {
  const digits = unit === undefined ? fixed(value, 1) : String(value);
  return digits + (std === undefined ? '' : ` ± ${fixed(std, 1)}`) + (unit === undefined ? '' : ` ${unit}`);
}

/** The sentences under a table: how its cells read, and what its letters stand for. */
export function footOf(table: Table): { sentences: string[]; sources: { letter: string; text: string }[] } {
  const cells = allCells(table);
  const ours = cells.flatMap((cell) => cell.ours ?? []);
  const sources = sourcesOf(table).map((source, index) => ({ letter: letterOf(index), text: SOURCES[source] }));
  const reading = [
    ...(ours.some(({ std }) => std !== null) ? ['mean ± sample standard deviation over the seeds'] : []),
    ...(new Set(ours.map(({ seeds }) => seeds)).size === 1 ? [`n = ${ours[0]?.seeds ?? 0}`] : []),
    ...(sources.length > 0 ? ['in brackets the published value'] : []),
    ...(cells.some((cell) => !cell.ours && cell.ended === '') ? [`${ABSENT}: not in this run`] : []),
  ];
  const units = [...new Set(cells.map(({ measure }) => measure.unit))].join(', ');
  const first = cells.length > 0 ? [`Cells (${units}): ${reading.join('; ')}.`] : [];
  return { sentences: [...first, ...table.caption], sources };
}

const allCells = ({ rows }: Table): TableCell[] => rows.flatMap(({ cells }) => cells);

/** In order of appearance. */
const sourcesOf = (table: Table): PublishedSource[] => [...new Set(allCells(table).flatMap((cell) => cell.published?.source ?? []))];

const letterOf = (index: number): string => String.fromCharCode('a'.charCodeAt(0) + index);
