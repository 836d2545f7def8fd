import { eachOnce } from '../contents.js';
import { groupRecords, type Group } from '../groups.js';
import { mean } from '../../statistics/moments.js';
import type { CellRecord, CellSettings } from '../../records/record.js';
import { familyOf, type ModelFamily } from './families.js';

/** A model on some data. */
export interface ModelOnData {
  readonly model: string;
  readonly data: string;
  /** The model, and the data where a run used several. */
  readonly label: string;
  /** null for a model of no family that the papers use. */
  readonly family: ModelFamily | null;
}

/** The records of one or more run folders, as tables look at them. */
export interface RecordedRuns {
  readonly groups: readonly Group[];
  /** In order of appearance. */
  readonly subjects: readonly ModelOnData[];
  /** Where a study of memory may lie. */
  readonly folders: readonly string[];
}

/** Cells that stand in several folders count once, as the first folder has them: as repeats they would pass for seeds. */
export function runOf(records: readonly CellRecord[], folders: readonly string[] = []): RecordedRuns {
  const groups = groupRecords(eachOnce(records));
  return { groups, subjects: subjectsOf(groups), folders };
}

function subjectsOf(groups: readonly Group[]): ModelOnData[] {
  const distinct = [...new Map(groups.map(({ model, data }) => [JSON.stringify([model, data]), { model, data }])).values()];
  return distinct.map(({ model, data }) => {
    const isAlone = distinct.filter((other) => other.model === model).length === 1;
    const name = endOf(model);
    return { model, data, family: familyOf(name), label: isAlone ? name : `${name}, ${endOf(data)}` };
  });
}

const endOf = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? path;

/** Settings that all seeds of a group share. */
export const settingsOf = ({ cells }: Group): CellSettings | undefined => cells[0]?.settings;

/**
 * The group that stands for some settings. Several may fit, of other lengths or sizes: then the one with the most completed seeds, then
 * the most forward passes, and no result decides.
 */
export function groupFor(run: RecordedRuns, matches: (settings: CellSettings) => boolean): Group | undefined {
  const fitting = run.groups.filter((group) => {
    const settings = settingsOf(group);
    return settings !== undefined && matches(settings);
  });
  return fitting.sort((a, b) => b.completed.length - a.completed.length || forwardsOf(b) - forwardsOf(a))[0];
}

const forwardsOf = ({ completed }: Group): number => (completed.length > 0 ? mean(completed.map(({ forwards }) => forwards)) : 0);
