import { basename, parse } from 'node:path';
import { z } from 'zod';
import { cellId, settingsHash } from './cell-id.js';
import { cellSettingsSchema, type CellSettings, type Places } from './record.js';

const recordBefore = z.looseObject({ recordVersion: z.int(), cell: z.string(), settings: cellSettingsSchema });

type RecordBefore = z.infer<typeof recordBefore>;

/** From each version that is still read to the one after it. */
const STEPS = new Map<number, (before: RecordBefore) => RecordBefore>([
  [3, namedInsteadOfPaths],
  [4, scoresOfBundledModels],
]);

/** A record of an earlier version in today's form, anything else as it is. */
export function upgraded(content: unknown): unknown {
  const before = recordBefore.safeParse(content).data;
  const step = before && STEPS.get(before.recordVersion);
  return step ? upgraded({ ...step(before), recordVersion: before.recordVersion + 1 }) : content;
}

/** Version 3 named what it ran by paths, and did not say what it was made of: `inputs` stays empty. */
function namedInsteadOfPaths(before: RecordBefore): RecordBefore {
  const names = named(before.settings);
  return { ...before, ...names, cell: cellAfter(before, names.settings), inputs: {} };
}

/** Version 4 said `embedded` for what is bundled, and accuracy for what may be an F1. */
function scoresOfBundledModels(before: RecordBefore): RecordBefore {
  const settings = { ...before.settings, data: before.settings.data === 'embedded' ? 'bundled' : before.settings.data };
  return { ...(renamed(before) as RecordBefore), settings, cell: cellAfter(before, settings) };
}

const NEW_NAMES: Readonly<Record<string, string>> = { accuracy: 'score', devAccuracy: 'devScore', embedded: 'bundled' };

/** Everything but settings and inputs, whose names are of the user's making, with new names for old ones at any depth. */
function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value === 'embedded (generated)' ? 'bundled (generated)' : value;
  const fields = Object.entries(value).map(([name, inner]): [string, unknown] =>
    ['settings', 'places', 'inputs'].includes(name) ? [name, inner] : [NEW_NAMES[name] ?? name, renamed(inner)],
  );
  return Object.fromEntries(fields);
}

/** One that was not the cell of its settings shall be found out: it keeps its id. */
const cellAfter = ({ cell, settings }: RecordBefore, after: CellSettings): string =>
  [cellId(settings), settingsHash(settings).slice(0, 16)].includes(cell) ? cellId(after) : cell;

/** Paths replaced by names; where they were, in `places`. */
function named(before: CellSettings): { settings: CellSettings; places: Places } {
  const names = {
    model: isModelPath(before.model) ? basename(before.model) : before.model,
    task: isPath(before.task) || before.task.endsWith('.jsonl') ? parse(before.task).name : before.task,
    testFile: before.testFile === null ? null : basename(before.testFile),
    optimizer: /\.m?[jt]s$/.test(before.optimizer) ? parse(before.optimizer).name : before.optimizer,
    data: before.data === 'embedded' ? 'embedded' : 'files',
  };
  const moved = (Object.keys(names) as (keyof typeof names)[]).filter((name) => names[name] !== before[name]);
  return { settings: { ...before, ...names }, places: Object.fromEntries(moved.map((name) => [name, before[name]])) };
}

const isPath = (name: string): boolean => /[/\\]/.test(name);

/** One slash between two names is how the hub has them; a folder given as `a/b` cannot be told from that and keeps both. */
const isModelPath = (name: string): boolean => isPath(name) && !/^\w[\w.-]*\/\w[\w.-]*(@.*)?$/.test(name);
