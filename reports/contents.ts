import { createHash } from 'node:crypto';
import { recordedInputs, type CellRecord, type CellSettings } from '../records/index.js';
import { partition } from './groups.js';

/** Records with the settings that tell them apart. */
export interface Apart {
  readonly records: CellRecord[];
  /** A line for each name that stands for several contents. */
  readonly problems: string[];
}

interface Named {
  readonly setting: 'model' | 'task' | 'data' | 'scheme' | 'optimizer';
  /** What the name belongs to. */
  readonly of: (settings: CellSettings) => string;
  /** Hashes of what it stood for; undefined where a record does not say. */
  readonly content: (record: CellRecord) => unknown;
  /** What it is called beside others of the name. */
  readonly renamed: (name: string, hash: string) => string;
}

const NAMES: readonly Named[] = [
  {
    setting: 'model',
    of: ({ model }) => `model ${model}`,
    content: ({ inputs }) => inputs.model,
    renamed: (name, hash) => `${name} (${hash})`,
  },
  {
    setting: 'task',
    of: ({ task }) => `task ${task}`,
    content: (record) => (record.inputs.task === undefined ? recordedInputs(record).taskVersion : { task: record.inputs.task }),
    renamed: (name, hash) => `${name} (${hash})`,
  },
  {
    setting: 'data',
    of: ({ task, data }) => `${data} data of ${task}`,
    content: ({ inputs }) => inputs.data,
    renamed: (name, hash) => `${name} (${hash})`,
  },
  {
    setting: 'scheme',
    of: ({ scheme }) => `scheme ${idOf(scheme)}`,
    content: ({ inputs }) => inputs.scheme,
    renamed: (name, hash) => `${idOf(name)} (${hash})${name.slice(idOf(name).length)}`,
  },
  {
    setting: 'optimizer',
    of: ({ optimizer }) => `optimizer ${idOf(optimizer)}`,
    content: ({ inputs }) => inputs.optimizer,
    renamed: (name, hash) => `${idOf(name)} (${hash})${name.slice(idOf(name).length)}`,
  },
];

/** A name without its options. */
const idOf = (name: string): string => name.split(':')[0] ?? name;

/**
 * Where a model, a task's data or an optimizer of one name stood for different contents, as in folders merged from several machines, each
 * gets the first digits of its hash behind its name: they are no seeds of one experiment. Records that do not say what they were made of
 * keep the name.
 */
export function apart(records: readonly CellRecord[]): Apart {
  return NAMES.reduce<Apart>(({ records: sofar, problems }, named) => setApart(sofar, problems, named), {
    records: [...records],
    problems: [],
  });
}

/** Cells that stand in several folders, as the first of them has them; those set apart by their contents are several. */
export function eachOnce(records: readonly CellRecord[]): CellRecord[] {
  const identity = ({ cell, settings: { model, task, data, optimizer } }: CellRecord): string =>
    JSON.stringify([cell, model, task, data, optimizer]);
  return [...new Map(records.toReversed().map((record) => [identity(record), record])).values()].toReversed();
}

function setApart(records: readonly CellRecord[], problems: readonly string[], { setting, of, content, renamed }: Named): Apart {
  const hashOf = (record: CellRecord): string | undefined => hashed(content(record));
  const several = partition(records, ({ settings }) => of(settings)).flatMap((sameName) => {
    const hashes = [...new Set(sameName.flatMap((record) => hashOf(record) ?? []))];
    return hashes.length > 1 ? [{ name: of(sameName[0].settings), hashes }] : [];
  });
  const names = new Set(several.map(({ name }) => name));
  const renamedRecord = (record: CellRecord): CellRecord => {
    const hash = hashOf(record);
    if (hash === undefined || !names.has(of(record.settings))) return record;
    return { ...record, settings: { ...record.settings, [setting]: renamed(record.settings[setting], hash) } };
  };
  const lines = several.map(
    ({ name, hashes }) => `${name}: records of ${hashes.length} different contents (${hashes.join(', ')}), shown apart`,
  );
  return { records: records.map(renamedRecord), problems: [...problems, ...lines] };
}

/** The first 8 hex digits of a hash over hashes. */
function hashed(content: unknown): string | undefined {
  if (content === undefined) return undefined;
  const canonical =
    typeof content === 'object' && content !== null ? Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)) : content;
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex').slice(0, 8);
}
