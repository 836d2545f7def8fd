import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { z } from 'zod';
import { InputError, LONGEST_TEXT_BYTES, readInput, readText, UsageError, visible, writeFileWhole } from '../engine/index.js';
import { recordSchema, type CellRecord } from './record.js';
import { compareRecords } from './order.js';

/** The readable records of a run, in report order, and one line per file that is none. */
export interface ReadResult {
  records: CellRecord[];
  problems: string[];
}

type OneRecord = { record: CellRecord } | { problem: string };

const REMEDY = 'delete the file and run its cell again';

/** All records of a run in one file, a line each: how a run is kept and passed on. */
const PACKED = 'records.jsonl.gz';

/**
 * Reads the records of a run folder: every `records/*.json`, or `records.jsonl.gz` where the run was packed.
 * @throws UsageError where the folder holds neither.
 */
export function readRecords(folder: string): ReadResult {
  const result: ReadResult = { records: [], problems: [] };
  for (const { place, ...one } of readOnes(folder)) {
    if ('record' in one) result.records.push(one.record);
    else result.problems.push(visible(`${place}: ${one.problem}; ${REMEDY}`));
  }
  result.records.sort(compareRecords);
  return result;
}

/** Writes the run's records into one file of another folder. Throws as readRecords, and where one is no record. */
export function packRecords(from: string, to: string): void {
  const { records, problems } = readRecords(from);
  if (problems[0] !== undefined) throw new InputError(`${from}: ${problems[0]}`);
  writeFileWhole(join(to, PACKED), gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(''), { level: 9 }));
}

function readOnes(folder: string): ({ readonly place: string } & OneRecord)[] {
  const [loose, packed] = [join(folder, 'records'), join(folder, PACKED)];
  if (!existsSync(loose) && !existsSync(packed))
    throw new UsageError(`${folder}: no folder "records" in it, nor ${PACKED}; give the folder that a run wrote`);
  if (!existsSync(loose)) return readPacked(packed);
  const names = readdirSync(loose).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => ({ place: `records/${name}`, ...readFile(join(loose, name)) }));
}

function readPacked(file: string): ({ readonly place: string } & OneRecord)[] {
  const lines = unzipped(file).trimEnd().split('\n');
  return lines.map((line, index) => ({ place: `${PACKED}, line ${index + 1}`, ...parseRecord(line) }));
}

function unzipped(file: string): string {
  const bytes = readInput(file, LONGEST_TEXT_BYTES);
  try {
    return gunzipSync(bytes, { maxOutputLength: LONGEST_TEXT_BYTES }).toString('utf8');
  } catch (error) {
    throw new InputError(`${file}: is damaged (${error instanceof Error ? error.message : String(error)}); pack the run anew`);
  }
}

function readFile(path: string): OneRecord {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    return { problem: `unreadable (${String(error)})` };
  }
  const one = parseRecord(text);
  // A copy under another name would count its cell twice.
  const isForeign = 'record' in one && one.record.cell !== basename(path, '.json');
  return isForeign ? { problem: `cell: "${one.record.cell}" is not the file's name` } : one;
}

function parseRecord(text: string): OneRecord {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: `not JSON (${oneLine(error.message)})` };
  }
  const parsed = recordSchema.safeParse(content);
  return parsed.success ? { record: parsed.data } : { problem: describe(parsed.error) };
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
