import type { CellRecord, CompletedRecord, EndedRecord } from './record.js';
import { compareRecords } from './order.js';
import { mean } from './statistics.js';

/** Cells that differ in their seed, or in settings that a search chose among. */
export interface Group {
  model: string;
  task: string;
  /** The `data` setting: cells on other data are no seeds of the same experiment. */
  data: string;
  scheme: string;
  optimizer: string;
  /** How many different settings (seed aside) the group's completed cells have. */
  configurations: number;
  /** One record per seed, of the configuration that did best on dev. */
  completed: CompletedRecord[];
  /** Every cell of the group that did not complete, whatever its configuration. */
  ended: EndedRecord[];
}

/** Groups records over seeds, in report order. */
export function groupRecords(records: readonly CellRecord[]): Group[] {
  const sorted = records.toSorted(compareRecords);
  return partition(sorted, ({ settings: s }) => JSON.stringify([s.model, s.task, s.data, s.scheme, s.optimizer])).map(toGroup);
}

/** Splits items by key; both the parts and the items in them keep the order of first appearance. */
export function partition<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
  const parts = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const part = parts.get(keyOf(item));
    if (part) part.push(item);
    else parts.set(keyOf(item), [item]);
  }
  return [...parts.values()];
}

function toGroup(records: [CellRecord, ...CellRecord[]]): Group {
  const { model, task, data, scheme, optimizer } = records[0].settings;
  const completed = records.filter((record) => record.state === 'completed');
  const ended = records.filter((record) => record.state !== 'completed');
  const configurations = partition(completed, ({ settings }) => JSON.stringify({ ...settings, seed: null }));
  return { model, task, data, scheme, optimizer, configurations: configurations.length, completed: bestOnDev(configurations), ended };
}

/** Selection never looks at test. A configuration with fewer completed seeds comes after, so that one lucky seed does not win. */
function bestOnDev(configurations: CompletedRecord[][]): CompletedRecord[] {
  const devAccuracy = (records: CompletedRecord[]): number => mean(records.map(({ final }) => final.dev.accuracy));
  const [best] = configurations.toSorted((a, b) => b.length - a.length || devAccuracy(b) - devAccuracy(a));
  return best ?? [];
}
