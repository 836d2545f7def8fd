import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { recordSchema, type CellRecord } from './record.js';
import { compareRecords } from './order.js';

/** The readable records of a run, in report order, and one line per file that is none. */
export interface ReadResult {
  records: CellRecord[];
  problems: string[];
}

type OneRecord = { record: CellRecord } | { problem: string };

const REMEDY = 'delete the file and run its cell again';

/**
 * Reads every `records/*.json` of a run folder.
 * @throws Error where the folder holds no `records` folder.
 */
export function readRecords(folder: string): ReadResult {
  const result: ReadResult = { records: [], problems: [] };
  for (const name of recordNames(folder)) {
    const one = readRecord(join(folder, 'records', name));
    if ('record' in one) result.records.push(one.record);
    else result.problems.push(`records/${name}: ${one.problem}; ${REMEDY}`);
  }
  result.records.sort(compareRecords);
  return result;
}

function recordNames(folder: string): string[] {
  try {
    return readdirSync(join(folder, 'records'))
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (cause) {
    throw new Error(`${folder}: no readable folder "records" in it; give the folder that a run wrote`, { cause });
  }
}

function readRecord(path: string): OneRecord {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return { problem: error instanceof SyntaxError ? `not JSON (${oneLine(error.message)})` : `unreadable (${String(error)})` };
  }
  const parsed = recordSchema.safeParse(content);
  if (!parsed.success) return { problem: describe(parsed.error) };
  // A copy under another name would count its cell twice.
  const isNamedAfterCell = parsed.data.cell === basename(path, '.json');
  return isNamedAfterCell ? { record: parsed.data } : { problem: `cell: "${parsed.data.cell}" is not the file's name` };
}

function describe({ issues }: z.ZodError): string {
  const [first, ...others] = issues;
  const field = first?.path.join('.') ?? '';
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `${field === '' ? 'whole record' : field}: ${first?.message ?? 'invalid'}${more}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
