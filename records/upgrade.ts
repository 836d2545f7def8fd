import { basename, parse } from 'node:path';
import { z } from 'zod';
import { cellId, settingsHash } from './cell-id.js';
import { cellSettingsSchema, RECORD_VERSION, type CellSettings, type Places } from './record.js';

const BEFORE = 3;

const recordBefore = z.looseObject({ recordVersion: z.literal(BEFORE), cell: z.string(), settings: cellSettingsSchema });

/**
 * A record of the version before in today's form, anything else as it is. That version named what it ran by paths, and did not say what it
 * was made of: `inputs` stays empty.
 */
export function upgraded(content: unknown): unknown {
  const before = recordBefore.safeParse(content).data;
  if (!before) return content;
  const { settings, places } = named(before.settings);
  // One that was not the cell of its settings shall be found out.
  const cell = settingsHash(before.settings).startsWith(before.cell) ? cellId(settings) : before.cell;
  return { ...before, recordVersion: RECORD_VERSION, cell, settings, places, inputs: {} };
}

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
