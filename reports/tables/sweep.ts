import { parseName } from '../../options/index.js';
import type { CellSettings } from '../../records/record.js';
import type { TableDefinition } from './build.js';
import { allSubjects, cross, measured, observed, type Line } from './lines.js';
import { accuracy } from './measures.js';
import { settingsOf, type RecordedRuns } from './run.js';

/** One curve of a figure: the values of an optimizer's option. */
export interface Series {
  readonly label: string;
  /** null for an optimizer that is not on the curve. */
  readonly valueOf: (optimizer: string) => number | null;
}

/** What a figure has on its x axis, and its curves, for each model, task and scheme that an option was varied with. */
export interface Sweep extends Pick<TableDefinition, 'id' | 'title' | 'from' | 'scope' | 'notes'> {
  readonly axis: string;
  /** Whether its values double, so that an axis of equal steps would hide the small ones. */
  readonly doubles?: true;
  readonly series: readonly Series[];
  /** Test accuracy unless told. */
  readonly measures?: readonly Line[];
}

/**
 * The values of a numeric option of an optimizer.
 * @param unset The option's default.
 * @param others What else is written behind the name on this curve; not where the option has its default.
 */
export function along(id: string, option: string, unset: number, others: Readonly<Record<string, string>> = {}): Series['valueOf'] {
  const expected = JSON.stringify(Object.entries(others).sort());
  return (optimizer) => {
    const { id: own, options } = parseName('optimizer', optimizer);
    if (own !== id) return null;
    const { [option]: value, ...rest } = options;
    const told = JSON.stringify(Object.entries(rest).sort());
    if (value === undefined) return told === '[]' ? unset : null;
    return told === expected ? Number(value) : null;
  };
}

/** The figure's numbers as a table: a row for each value, a column for each curve and measure. */
export function sweepTable({ axis, series, measures = [measured('accuracy', 'accuracy (%)', accuracy)], ...rest }: Sweep): TableDefinition {
  return {
    ...rest,
    corner: [axis],
    rows: (run) => valuesIn(run, series, rest.scope).map((value) => rowAt(value, series)),
    columns: (run) => cross(curves(run, series, rest.scope), measures),
  };
}

const rowAt = (value: number, series: readonly Series[]): Line => ({
  key: String(value),
  labels: [String(value)],
  matches: ({ optimizer }) => series.some(({ valueOf }) => valueOf(optimizer) === value),
});

/** Ascending; those that occur. */
function valuesIn(run: RecordedRuns, series: readonly Series[], scope: Sweep['scope']): number[] {
  const values = settingsIn(run, scope).flatMap(({ optimizer }) => series.flatMap(({ valueOf }) => valueOf(optimizer) ?? []));
  return [...new Set(values)].sort((a, b) => a - b);
}

/** The curves that have two points at least. */
function curves(run: RecordedRuns, series: readonly Series[], scope: Sweep['scope']): Line[] {
  const settings = settingsIn(run, scope);
  const places = cross(cross(allSubjects(run), observed(run, 'task', scope)), observed(run, 'scheme', scope));
  const lines = series.map(({ label, valueOf }): Line => ({
    key: label,
    labels: [label],
    matches: ({ optimizer }) => valueOf(optimizer) !== null,
  }));
  return cross(places, lines).filter(({ matches }) => {
    const points = settings.filter(matches).map(({ optimizer }) => optimizer);
    return new Set(points).size > 1;
  });
}

const settingsIn = (run: RecordedRuns, scope: Sweep['scope']): CellSettings[] =>
  run.groups.flatMap((group) => settingsOf(group) ?? []).filter(scope);
