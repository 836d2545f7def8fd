import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { z } from 'zod';
import {
  InputError,
  LONGEST_TEXT_BYTES,
  meantPath,
  readInput,
  readText,
  UsageError,
  visibleLine,
  writeFileWhole,
} from '../engine/index.js';
import type { CellRecord } from './record.js';
import { recordSchema } from './record-schema.js';
import { compareRecords } from './order.js';
import { upgraded } from './upgrade.js';

/** The readable records of a run, in report order, and one line per file that is none. */
export interface ReadResult {
  records: CellRecord[];
  problems: string[];
}

type OneRecord = { record: CellRecord } | { problem: string };

const REMEDY = 'delete the file, or let --resume keep it aside and run its cell again';

/** All records of a run in one file, a line each: how a run is kept and passed on. */
export const PACKED_RECORDS = 'records.jsonl.gz';

/**
 * Reads the records of a run folder: `records.jsonl.gz` where the run was packed, and every `records/*.json`. Where a cell is there more
 * than once, a record that says what it was made of goes before one that does not, and a file before a packed one.
 * @throws UsageError where the folder holds neither.
 */
export function readRecords(folder: string): ReadResult {
  const records = new Map<string, CellRecord>();
  const problems: string[] = [];
  for (const { place, ...one } of readOnes(folder)) {
    if ('problem' in one) problems.push(visibleLine(`${place}: ${one.problem}; ${REMEDY}`));
    else if (isKnown(one.record) || !isKnown(records.get(one.record.cell))) records.set(one.record.cell, one.record);
  }
  return { records: [...records.values()].sort(compareRecords), problems };
}

/** Whether it says what the cell was made of: records upgraded on reading do not. */
const isKnown = (record: CellRecord | undefined): boolean => record?.inputs.model !== undefined;

/** Writes the run's records into one file of another folder. Throws as readRecords, and where one is no record. */
export function packRecords(from: string, to: string): void {
  const { records, problems } = readRecords(from);
  if (problems[0] !== undefined) throw new InputError(`${from}: ${problems[0]}`);
  writeFileWhole(join(to, PACKED_RECORDS), gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(''), { level: 9 }));
}

function readOnes(folder: string): ({ readonly place: string } & OneRecord)[] {
  const [loose, packed] = [join(folder, 'records'), join(folder, PACKED_RECORDS)];
  if (!existsSync(loose) && !existsSync(packed))
    throw new UsageError(
      `${folder}: no folder "records" in it, nor ${PACKED_RECORDS}; give the folder that a run wrote${meantPath(folder)}`,
    );
  const names = existsSync(loose) ? readdirSync(loose).filter((name) => name.endsWith('.json')) : [];
  const files = names.sort().map((name) => ({ place: `records/${name}`, ...readRecordFile(join(loose, name)) }));
  return [...(existsSync(packed) ? readPacked(packed) : []), ...files];
}

function readPacked(file: string): ({ readonly place: string } & OneRecord)[] {
  const lines = unzipped(file).trimEnd().split('\n');
  return lines.map((line, index) => ({ place: `${PACKED_RECORDS}, line ${index + 1}`, ...parseRecord(line) }));
}

function unzipped(file: string): string {
  const bytes = readInput(file, LONGEST_TEXT_BYTES);
  try {
    return gunzipSync(bytes, { maxOutputLength: LONGEST_TEXT_BYTES }).toString('utf8');
  } catch (error) {
    throw new InputError(`${file}: is damaged (${error instanceof Error ? error.message : String(error)}); pack the run anew`);
  }
}

/** The record in a file that is named after its cell, or why it is none. */
export function readRecordFile(path: string): OneRecord {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    return { problem: `unreadable (${String(error)})` };
  }
  return parseRecord(text, basename(path, '.json'));
}

/** @param name of the file, where there is one for each record: a copy under another name would count its cell twice. */
function parseRecord(text: string, name?: string): OneRecord {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: `not JSON (${oneLine(error.message)})` };
  }
  const cell = fieldOf(content, 'cell');
  if (name !== undefined && typeof cell === 'string' && cell !== name) return { problem: `cell: "${cell}" is not the file's name` };
  const parsed = recordSchema.safeParse(upgraded(content));
  return parsed.success ? { record: parsed.data } : { problem: describe(parsed.error) };
}

const fieldOf = (content: unknown, name: string): unknown =>
  typeof content === 'object' && content !== null ? (content as Readonly<Record<string, unknown>>)[name] : undefined;

function describe({ issues }: z.ZodError): string {
  const [first, ...others] = issues;
  const field = first?.path.join('.') ?? '';
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `${field === '' ? 'whole record' : field}: ${first?.message ?? 'invalid'}${more}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
