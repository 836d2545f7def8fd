// Types alone: the page takes this file, and would take the schemas and their library with it.
import type { CellRecord, CellSettings, CompletedRecord, EndedRecord } from '../records/record.js';
import { compareRecords } from '../records/order.js';
import { isTrained } from '../records/trained.js';
import { mean } from '../statistics/moments.js';

/** Cells that differ in their seed, or in settings that a search chose among: the learning rate and epsilon. */
export interface Group {
  model: string;
  task: string;
  /** The `data` setting: cells on other data are no seeds of the same experiment. */
  data: string;
  scheme: string;
  optimizer: string;
  /** The optimizer, and behind it the conditions that not all groups share which it is compared with: `zo-sgd, objective f1`. */
  name: string;
  objective: CellSettings['objective'];
  /** Whether there is an optimizer. */
  trained: boolean;
  /** How many different learning rates and epsilons the group's completed cells have. */
  configurations: number;
  /** All of the group's cells, whatever became of them. */
  cells: CellRecord[];
  /** One record per seed, of the configuration that did best on dev. */
  completed: CompletedRecord[];
  /** Every cell of the group that did not complete, whatever its configuration. */
  ended: EndedRecord[];
}

type Identity = 'model' | 'task' | 'data' | 'scheme' | 'optimizer';
type Searched = 'learningRate' | 'epsilon';
/** `threads`, `stream` and `timeoutSeconds` make no other cell: they are not in its hash. */
type Condition = Exclude<keyof CellSettings, Identity | Searched | 'seed' | 'threads' | 'stream' | 'timeoutSeconds'>;

/** What a setting is called behind an optimizer's name. Cells that differ in one of these are no seeds of the same experiment. */
const CONDITIONS: Readonly<Record<Condition, string>> = {
  template: 'template',
  prompt: 'prompt',
  candidates: 'candidates',
  label: 'label',
  testFile: 'test file',
  objective: 'objective',
  schedule: 'schedule',
  warmup: 'warm-up',
  weightDecay: 'weight decay',
  batchSize: 'batch',
  accumulate: 'micro-batches',
  trainSize: 'train items',
  devSize: 'dev items',
  testSize: 'test items',
  perClass: 'per class',
  steps: 'steps',
  evaluateEvery: 'evaluated every',
  backend: 'backend',
};
const conditions = Object.keys(CONDITIONS) as Condition[];
/** What a setting is unless a cell is set apart by it: not said behind the name. */
const USUAL: Readonly<Partial<CellSettings>> = { template: 'aligned' };
/** What only training has: cells without it differ in none of these, and are not compared with others in them. */
const OF_TRAINING: ReadonlySet<Condition> = new Set<Condition>([
  ...(['objective', 'schedule', 'warmup', 'weightDecay', 'batchSize', 'accumulate', 'steps', 'evaluateEvery'] as const),
]);
/** An equal number of forward passes is another number of steps for each optimizer and scheme: of these only one's own are compared. */
const LENGTHS: readonly Condition[] = ['steps', 'evaluateEvery'];

/** Groups records over seeds, in report order. */
export function groupRecords(records: readonly CellRecord[]): Group[] {
  const sorted = records.toSorted(compareRecords);
  const suffixOf = suffixes(sorted);
  return partition(sorted, ({ settings }) => JSON.stringify([identityOf(settings), conditions.map((name) => settings[name])])).map(
    (members) => toGroup(members, suffixOf(members[0].settings)),
  );
}

const identityOf = ({ model, task, data, scheme, optimizer }: CellSettings): string[] => [model, task, data, scheme, optimizer];

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

/** Gives the text behind an optimizer's name: the conditions in which the cells of its model, task and data differ. */
function suffixes(records: readonly CellRecord[]): (settings: CellSettings) => string {
  const key = ({ model, task, data, scheme, optimizer }: CellSettings, condition: Condition): string =>
    JSON.stringify([condition, model, task, data, ...(LENGTHS.includes(condition) ? [scheme, optimizer] : [])]);
  const conditionsOf = (settings: CellSettings): Condition[] =>
    isTrained(settings) ? conditions : conditions.filter((condition) => !OF_TRAINING.has(condition));
  const values = new Map<string, Set<unknown>>();
  for (const { settings } of records) {
    for (const condition of conditionsOf(settings)) {
      const seen = values.get(key(settings, condition)) ?? new Set();
      values.set(key(settings, condition), seen.add(settings[condition]));
    }
  }
  const differs = (settings: CellSettings, condition: Condition): boolean => (values.get(key(settings, condition))?.size ?? 0) > 1;
  return (settings) =>
    conditionsOf(settings)
      .filter((condition) => differs(settings, condition) && settings[condition] !== USUAL[condition])
      .map((condition) => `, ${CONDITIONS[condition]} ${settings[condition]}`)
      .join('');
}

function toGroup(records: [CellRecord, ...CellRecord[]], suffix: string): Group {
  const { model, task, data, scheme, optimizer, objective } = records[0].settings;
  const completed = records.filter((record) => record.state === 'completed');
  const ended = records.filter((record) => record.state !== 'completed');
  const configurations = partition(completed, ({ settings }) => JSON.stringify([settings.learningRate, settings.epsilon]));
  return {
    model,
    task,
    data,
    scheme,
    optimizer,
    name: optimizer + suffix,
    objective,
    trained: isTrained(records[0].settings),
    configurations: configurations.length,
    cells: records,
    completed: bestOnDev(configurations),
    ended,
  };
}

/** Selection never looks at test. A configuration with fewer completed seeds comes after, so that one lucky seed does not win. */
function bestOnDev(configurations: CompletedRecord[][]): CompletedRecord[] {
  const devScore = (records: CompletedRecord[]): number => mean(records.map(({ final }) => final.dev.score));
  const [best] = configurations.toSorted((a, b) => b.length - a.length || devScore(b) - devScore(a));
  return best ?? [];
}
