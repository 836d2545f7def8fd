import type { CellSettings } from '../../records/record.js';
import type { ModelFamily } from './families.js';
import type { Measure } from './measures.js';
import type { RecordedRuns, ModelOnData } from './run.js';
import type { Heading } from './table.js';

/** A row or a column: its heading, and which records stand in it. */
export interface Line extends Heading {
  readonly matches: (settings: CellSettings) => boolean;
  /** What its cells show; the table's measure where neither row nor column says. */
  readonly measure?: Measure;
}

/** A paper's name for each of a list of settings. */
type Names = readonly (readonly [id: string, label: string])[];

const linesBy =
  (setting: 'optimizer' | 'scheme' | 'task') =>
  (names: Names): Line[] =>
    names.map(([id, label]) => ({ key: id, labels: [label], matches: (settings) => settings[setting] === id }));

export const optimizers = linesBy('optimizer');
export const schemes = linesBy('scheme');
export const tasks = linesBy('task');

/** ZO-Bench's four, by their names there. */
export const fourSchemes = schemes([
  ['full', 'FT'],
  ['lora', 'LoRA'],
  ['prefix', 'Prefix'],
  ['prompt', 'Prompt'],
]);

/** Those that ZO-Bench compares, in its tables' order. */
export const zoBenchOptimizers = optimizers([
  ['fo-sgd', 'FO-SGD'],
  ['forward-grad', 'Forward-Grad'],
  ['zo-sgd', 'ZO-SGD'],
  ['zo-sgd-mmt', 'ZO-SGD-MMT'],
  ['zo-sgd-cons', 'ZO-SGD-Cons'],
  ['zo-sgd-sign', 'ZO-SGD-Sign'],
  ['zo-adam', 'ZO-Adam'],
]);

/** Every pair of lines, the first list's outside; the inner line's measure goes before the outer's. */
export function cross(outer: readonly Line[], inner: readonly Line[]): Line[] {
  return outer.flatMap((out) =>
    inner.map((line) => {
      const measure = line.measure ?? out.measure;
      return {
        key: `${out.key}/${line.key}`,
        labels: [...out.labels, ...line.labels],
        matches: (settings: CellSettings) => out.matches(settings) && line.matches(settings),
        ...(measure && { measure }),
      };
    }),
  );
}

/** A line of its own for a measure. */
export const measured = (key: string, label: string, measure: Measure): Line => ({
  key,
  labels: [label],
  measure,
  matches: () => true,
});

/**
 * The run's models that stand in the place of a paper's model, a line each, such as `opt-mini (for OPT-13B)`; without one, an empty line.
 * @param key In published values; the family's unless told.
 */
export function standIns(run: RecordedRuns, family: ModelFamily, paperName: string, key: string = family): Line[] {
  const subjects = run.subjects.filter((subject) => subject.family === family);
  if (subjects.length === 0) return [{ key, labels: [paperName], matches: () => false }];
  return subjects.map((subject) => {
    const isIt = subject.label.toLowerCase() === paperName.toLowerCase();
    return { ...subjectLine(subject), key, labels: [isIt ? paperName : `${subject.label} (for ${paperName})`] };
  });
}

/** Every model of the run, a line each. */
export const allSubjects = (run: RecordedRuns): Line[] => run.subjects.map(subjectLine);

export const subjectLine = ({ model, data, label }: ModelOnData): Line => ({
  key: JSON.stringify([model, data]),
  labels: [label],
  matches: (settings) => settings.model === model && settings.data === data,
});

/** A line for each value of a setting that occurs where `within` holds. */
export function observed(run: RecordedRuns, setting: 'task' | 'scheme', within: (settings: CellSettings) => boolean): Line[] {
  const settings = run.groups.flatMap(({ cells }) => cells.map((cell) => cell.settings)).filter(within);
  const values = [...new Set(settings.map((one) => one[setting]))];
  return linesBy(setting)(values.map((value) => [value, value]));
}
